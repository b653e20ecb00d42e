import type { Filter } from "ldapts";
import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import type { Call } from "../contract.ts";
import { parseFilter } from "./filter.ts";
import type { Lease, Pool } from "./pool.ts";
import type { LdapStore, LdapTarget } from "./schema.ts";
import type { Query } from "./search.ts";
import type { Server } from "./server.ts";
import type { LdapAttribute } from "./subschema.ts";

/** What identifies an entry for ever, and what changes whenever it does (RFC 4530, draft-chu-ldap-csn). */
export const anchorAttribute = "entryUUID";
export const versionAttribute = "entryCSN";

/** The part of a directory that one target works on. */
export interface Directory {
  readonly pool: Pool;
  readonly block: LdapTarget;
  readonly pageSize: number;
  readonly transactions: LdapStore["transactions"];
  /** The store attributes that records carry, as the manifest spells them. */
  readonly attributes: readonly string[];
  readonly bindDn: string;
  /** Read once, and again where `fresh`. */
  server(lease: Lease, call: Call, fresh?: boolean): Promise<Server>;
}

export function accountFilter(directory: Directory): Filter {
  return parseFilter(directory.block.filter);
}

/** Where accounts are looked for, those that were disabled by moving included; nothing is searched twice. */
export function accountPlaces(directory: Directory, server: Server): Pick<Query, "base" | "scope">[] {
  const { bases, scope, disable } = directory.block;
  const own = bases.length === 0 ? server.namingContexts : bases;
  const kind = scope === "OneLevel" && bases.length > 0 ? "one" : "sub";
  const places: Pick<Query, "base" | "scope">[] = topmost(own, kind).map((base) => ({ base, scope: kind }));
  const moved = disable?.move?.to;
  const covered = moved === undefined || (kind === "sub" && own.some((base) => isAtOrBelow(moved, base)));
  return covered ? places : [...places, { base: moved, scope: "sub" }];
}

/** Where an entry is looked for by its anchor, wherever it was moved to: in the whole suffix. */
export function anchorPlaces(directory: Directory, server: Server): string[] {
  const { bases, disable, groups } = directory.block;
  const places = [...bases, ...(disable?.move ? [disable.move.to] : []), ...(groups ? [groups.base] : [])];
  const suffix = (place: string) =>
    server.namingContexts.find((context) => isAtOrBelow(place, context)) ?? place;
  return bases.length === 0 ? [...server.namingContexts] : topmost([...new Set(places.map(suffix))], "sub");
}

function topmost(bases: readonly string[], scope: "one" | "sub"): string[] {
  const unique = bases.filter((base, at) => bases.findIndex((other) => same(base, other)) === at);
  if (scope === "one") return unique;
  return unique.filter((base) => !unique.some((other) => other !== base && isAtOrBelow(base, other)));
}

const same = (a: string, b: string) => isAtOrBelow(a, b) && isAtOrBelow(b, a);

/** The attribute of this name; one that the server does not know is taken for text, and refused by the server itself. */
export function attributeOf(server: Server, name: string): LdapAttribute {
  return (
    server.subschema.attributes.get(name.toLowerCase()) ?? {
      name,
      transfer: name,
      matching: "caseExact",
      multiValued: true,
      readOnly: false,
      required: false,
      secret: false,
      form: "text",
      hasEquality: true,
    }
  );
}
