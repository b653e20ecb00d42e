import type { Filter } from "ldapts";
import type { EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import { normalise } from "../../core/model/matching.ts";
import type { Call, Sighting } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import { anchorTerms, observed, sighting } from "./dialect.ts";
import { anchorPlaces, type Directory } from "./directory.ts";
import { texts } from "./entry.ts";
import { and, equals, or } from "./filter.ts";
import { chunks, pipelined } from "./pipeline.ts";
import { protection } from "./records.ts";
import { readOne, searchPages } from "./search.ts";
import type { Server } from "./server.ts";
import type { GroupShape } from "./shape.ts";
import { encodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

const termsAtOnce = 100;
const readsInFlight = 64;

/** The target's groups. Throws `Invalid` where it names none. */
export function groupsOf(directory: Directory): GroupShape {
  const { groups } = directory.shape;
  if (groups === undefined)
    throw new StoreError(
      "Invalid",
      "cannot work on groups: the target does not say where they are; set groups",
    );
  return groups;
}

/** Whether the class forbids a group without members: the standard's does (RFC 4519 §2.17), 389 Directory Server's does not. */
export function needsMember({ subschema }: Server, { objectClass, memberAttribute }: GroupShape): boolean {
  const held = memberAttribute.toLowerCase();
  return subschema.classOf(objectClass).must.some((name) => name.toLowerCase() === held);
}

export async function* scanGroups(directory: Directory, call: Call): AsyncGenerator<readonly Sighting[]> {
  const { groups } = directory.shape;
  if (groups === undefined) return;
  using lease = await directory.pool.lease(call);
  const { dialect } = await directory.server(lease, call);
  const filter = equals("objectClass", groups.objectClass);
  const query = { base: groups.base, scope: "sub", filter, attributes: observed(dialect) } as const;
  for await (const page of searchPages(lease.connection, query, directory.pageSize, call))
    yield page.map((entry) => sighting(dialect, entry));
}

export async function findGroups(
  directory: Directory,
  refs: readonly EntitlementRef[],
  call: Call,
): Promise<(EntitlementRecord | undefined)[]> {
  if (refs.length === 0) return [];
  const groups = groupsOf(directory);
  using lease = await directory.pool.lease(call);
  const { connection } = lease;
  const server = await directory.server(lease, call);
  const shown = groupAttributes(groups, server);
  const signs = server.dialect.signs?.attributes ?? [];
  const wanted = [...observed(server.dialect), ...shown.map((one) => one.transfer), ...signs];
  const isGroup = equals("objectClass", groups.objectClass);
  const found = new Map<EntitlementRef, EntitlementRecord>();
  const keep = (ref: EntitlementRef, entry: LdapEntry) => {
    const other = found.get(ref);
    if (other !== undefined && other.name !== entry.dn) throw ambiguous(ref, other.name, entry.dn);
    found.set(ref, {
      ...sighting(server.dialect, entry),
      attributes: decodeAttributes(shown, entry),
      ...protection(server, entry),
    });
  };

  const byDn = refs.filter((ref) => ref.by === "DN");
  await pipelined(byDn, readsInFlight, async (ref) => {
    const entry = await readOne(connection, ref.name, wanted, call, isGroup);
    if (entry !== undefined) keep(ref, entry);
  });
  const search = async (
    part: readonly EntitlementRef[],
    terms: Filter[],
    bases: readonly string[],
    refsOf: (entry: LdapEntry) => readonly EntitlementRef[],
  ) => {
    if (part.length === 0 || terms.length === 0) return;
    for (const base of bases) {
      const query = { base, scope: "sub", filter: and(isGroup, or(terms)), attributes: wanted } as const;
      for await (const page of searchPages(connection, query, directory.pageSize, call))
        for (const entry of page) for (const ref of refsOf(entry)) keep(ref, entry);
    }
  };
  const key = attributeOf(server, groups.nameAttribute);
  for (const part of chunks(
    refs.filter((ref) => ref.by === "Name"),
    termsAtOnce,
  )) {
    const asked = Map.groupBy(part, (ref) => normalise(key.matching, ref.name));
    const terms = part.map((ref) => equals(key.transfer, encodeValue(key, ref.name)));
    await search(part, terms, [groups.base], (entry) =>
      texts(entry, key.name).flatMap((value) => asked.get(normalise(key.matching, value)) ?? []),
    );
  }
  for (const part of chunks(
    refs.filter((ref) => ref.by === "Id"),
    termsAtOnce,
  )) {
    const asked = Map.groupBy(part, (ref) => ref.name.toLowerCase());
    const terms = anchorTerms(
      server.dialect,
      part.map((ref) => ref.name),
    );
    await search(
      part,
      terms,
      anchorPlaces(directory, server),
      (entry) => asked.get(sighting(server.dialect, entry).anchor.toLowerCase()) ?? [],
    );
  }
  return refs.map((ref) => found.get(ref));
}

function ambiguous(ref: EntitlementRef, one: string, other: string): StoreError {
  return new StoreError(
    "Invalid",
    `cannot tell which group ${ref.name} is: ${one} and ${other} are called so; point at it by DN or Id`,
  );
}

/** What a group may have, its members (which can be 100,000) left out. */
function groupAttributes(groups: GroupShape, server: Server) {
  const { must, may } = server.subschema.classOf(groups.objectClass);
  const names = new Set([groups.nameAttribute, ...must, ...may].map((name) => attributeOf(server, name)));
  return [...names].filter((one) => !one.secret && !one.readOnly && one.name !== groups.memberAttribute);
}
