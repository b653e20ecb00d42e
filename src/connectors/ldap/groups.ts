import type { EntitlementRecord, EntitlementRef } from "../../core/model/account.ts";
import { normaliseName, parseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { Call, Membership, Sighting } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { anchorAttribute, anchorPlaces, attributeOf, type Directory, versionAttribute } from "./directory.ts";
import { and, equals, or } from "./filter.ts";
import { chunks, pipelined } from "./pipeline.ts";
import { decodeAttributes, sighting } from "./records.ts";
import type { LdapGroups } from "./schema.ts";
import { readOne, searchPages } from "./search.ts";
import { denied, type Server, texts } from "./server.ts";
import type { LdapAttribute } from "./subschema.ts";
import { encodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** The attribute that holds the members of each class (RFC 4519 §2.17, §2.40; RFC 2307 §4). */
const memberAttributes = {
  groupOfNames: "member",
  groupOfUniqueNames: "uniqueMember",
  posixGroup: "memberUid",
} as const;

const termsAtOnce = 100;
/** Groups in one page of members: the whole page is in memory. */
const groupsAtOnce = 50;
const readsInFlight = 64;

export function memberAttribute(groups: LdapGroups): string {
  return memberAttributes[groups.objectClass];
}

export function needsMember(groups: LdapGroups | undefined): boolean {
  return groups !== undefined && groups.objectClass !== "posixGroup";
}

/** How a group calls an account: by its name, normalised; a posixGroup by its uid, which then has to be in the name. */
export function memberKey(groups: LdapGroups | undefined, name: string): string {
  return groups?.objectClass === "posixGroup" ? (uidOf(name) ?? normaliseName(name)) : normaliseName(name);
}

/** The uid in the first step of a name. */
export function uidOf(name: string): string | undefined {
  try {
    return parseName(name)[0]?.find((pair) =>
      /^(uid|userid|0\.9\.2342\.19200300\.100\.1\.1)$/i.test(pair.type),
    )?.value;
  } catch {
    return undefined;
  }
}

/** The target's groups. Throws `Invalid` where it names none. */
export function groupsOf(directory: Directory): LdapGroups {
  const { groups } = directory.block;
  if (groups === undefined)
    throw new StoreError(
      "Invalid",
      "cannot work on groups: the target does not say where they are; set groups",
    );
  return groups;
}

export async function* scanGroups(directory: Directory, call: Call): AsyncGenerator<readonly Sighting[]> {
  const { groups } = directory.block;
  if (groups === undefined) return;
  using lease = await directory.pool.lease(call);
  const filter = equals("objectClass", groups.objectClass);
  const query = {
    base: groups.base,
    scope: "sub",
    filter,
    attributes: [anchorAttribute, versionAttribute],
  } as const;
  for await (const page of searchPages(lease.connection, query, directory.pageSize, call))
    yield page.map(sighting);
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
  const wanted = [anchorAttribute, versionAttribute, ...shown.map((one) => one.transfer)];
  const isGroup = equals("objectClass", groups.objectClass);
  const found = new Map<EntitlementRef, EntitlementRecord>();
  const keep = (ref: EntitlementRef, entry: LdapEntry) => {
    const other = found.get(ref);
    if (other !== undefined && other.name !== entry.dn) throw ambiguous(ref, other.name, entry.dn);
    found.set(ref, { ...sighting(entry), attributes: decodeAttributes(shown, entry) });
  };

  const byDn = refs.filter((ref) => ref.by === "DN");
  await pipelined(byDn, readsInFlight, async (ref) => {
    const entry = await readOne(connection, ref.name, wanted, call, isGroup);
    if (entry !== undefined) keep(ref, entry);
  });
  const search = async (by: "Name" | "Id", key: LdapAttribute, bases: readonly string[]) => {
    for (const part of chunks(
      refs.filter((ref) => ref.by === by),
      termsAtOnce,
    )) {
      const asked = Map.groupBy(part, (ref) => normalise(key.matching, ref.name));
      const filter = and(isGroup, or(part.map((ref) => equals(key.transfer, encodeValue(key, ref.name)))));
      for (const base of bases) {
        const query = { base, scope: "sub", filter, attributes: wanted } as const;
        for await (const page of searchPages(connection, query, directory.pageSize, call))
          for (const entry of page)
            for (const value of texts(entry, key.name))
              for (const ref of asked.get(normalise(key.matching, value)) ?? []) keep(ref, entry);
      }
    }
  };
  await search("Name", attributeOf(server, groups.nameAttribute), [groups.base]);
  await search(
    "Id",
    { ...attributeOf(server, anchorAttribute), matching: "caseIgnore" },
    anchorPlaces(directory, server),
  );
  return refs.map((ref) => found.get(ref));
}

function ambiguous(ref: EntitlementRef, one: string, other: string): StoreError {
  return new StoreError(
    "Invalid",
    `cannot tell which group ${ref.name} is: ${one} and ${other} are called so; point at it by DN or Id`,
  );
}

/** What a group may have, its members (which can be 100,000) left out. */
function groupAttributes(groups: LdapGroups, server: Server) {
  const { must, may } = server.subschema.classOf(groups.objectClass);
  const names = new Set([groups.nameAttribute, ...must, ...may].map((name) => attributeOf(server, name)));
  return [...names].filter((one) => !one.secret && one.name !== memberAttribute(groups));
}

/** Who is in these groups, the filler left out. */
export async function* readMembers(
  directory: Directory,
  anchors: readonly string[],
  call: Call,
): AsyncGenerator<readonly Membership[]> {
  if (anchors.length === 0) return;
  const groups = groupsOf(directory);
  using lease = await directory.pool.lease(call);
  const server = await directory.server(lease, call);
  const attribute = memberAttribute(groups);
  const form = memberForm(groups);
  const filler = groups.filler === undefined ? undefined : form(groups.filler);
  for (const part of chunks(anchors, termsAtOnce)) {
    const filter = or(part.map((anchor) => equals(anchorAttribute, anchor)));
    for (const base of anchorPlaces(directory, server)) {
      const query = {
        base,
        scope: "sub",
        filter,
        attributes: [anchorAttribute, versionAttribute, attribute],
      } as const;
      for await (const page of searchPages(lease.connection, query, groupsAtOnce, call))
        for (const entry of page) {
          const values = entry.attributes.get(attribute.toLowerCase()) ?? [];
          // Its class forbids an empty group: the members are there, and hidden by access rules.
          if (values.length === 0 && needsMember(groups))
            throw denied(`read the members of ${entry.dn}`, attribute);
          const { anchor: entitlement } = sighting(entry);
          const members = values.map((value) => form(value.toString())).filter((member) => member !== filler);
          yield members.map((member) => ({ entitlement, member }));
        }
    }
  }
}

/** A member value in the form of `memberKey`. */
export function memberForm(groups: LdapGroups): (value: string) => string {
  return groups.objectClass === "posixGroup" ? (value) => value : normaliseName;
}
