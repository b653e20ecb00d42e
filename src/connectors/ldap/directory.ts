import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import type { Call } from "../contract.ts";
import type { Lease, Pool } from "./pool.ts";
import type { LdapStore } from "./schema.ts";
import type { Query } from "./search.ts";
import type { Server } from "./server.ts";
import type { Shape } from "./shape.ts";

/** The part of a directory that one target works on. */
export interface Directory {
  readonly pool: Pool;
  readonly shape: Shape;
  readonly pageSize: number;
  readonly transactions: LdapStore["transactions"];
  /** The store attributes that records carry, as the manifest spells them. */
  readonly attributes: readonly string[];
  /** Read once, and again where `fresh`. */
  server(lease: Lease, call: Call, fresh?: boolean): Promise<Server>;
}

/** Where accounts are looked for, those that were disabled by moving included; nothing is searched twice. */
export function accountPlaces(directory: Directory, server: Server): Pick<Query, "base" | "scope">[] {
  const { bases, scope, disabledBase } = directory.shape;
  const own = bases.length === 0 ? server.namingContexts : bases;
  const places: Pick<Query, "base" | "scope">[] = topmost(own, scope).map((base) => ({ base, scope }));
  if (disabledBase === undefined) return places;
  const covered = scope === "sub" && own.some((base) => isAtOrBelow(disabledBase, base));
  return covered ? places : [...places, { base: disabledBase, scope: "sub" }];
}

/**
 * Where an entry is looked for by its anchor, wherever it was moved to: in the whole suffix. One suffix may lie inside another, and a search
 * of the outer one need not find what the inner one holds (OpenLDAP).
 */
export function anchorPlaces(directory: Directory, server: Server): string[] {
  const { bases, disabledBase, groups } = directory.shape;
  const places = [...bases, ...(disabledBase ? [disabledBase] : []), ...(groups ? [groups.base] : [])];
  const innermost = server.namingContexts.toSorted((a, b) => b.length - a.length);
  const suffix = (place: string) => innermost.find((context) => isAtOrBelow(place, context)) ?? place;
  return bases.length === 0 ? [...server.namingContexts] : [...new Set(places.map(suffix))];
}

function topmost(bases: readonly string[], scope: "one" | "sub"): string[] {
  const unique = bases.filter((base, at) => bases.findIndex((other) => same(base, other)) === at);
  if (scope === "one") return unique;
  return unique.filter((base) => !unique.some((other) => other !== base && isAtOrBelow(base, other)));
}

const same = (a: string, b: string) => isAtOrBelow(a, b) && isAtOrBelow(b, a);
