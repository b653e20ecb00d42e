import { normaliseName } from "../../core/model/distinguished-name.ts";
import { StoreError } from "../errors.ts";
import { attributeOf } from "./attributes.ts";
import { oids } from "./controls.ts";
import { observed, sighting } from "./dialect.ts";
import type { Directory } from "./directory.ts";
import { entriesAt, type Place } from "./place.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";
import type { AccountChange, MembersChange } from "./write.ts";

type Existing = Exclude<AccountChange, { kind: "create" }>;

/**
 * The entries of these changes as they are right before, by anchor, where no assertion checks them (RFC 4528)
 * or the change follows from what the entry holds: one search for 200 of them. Those that were not looked at are not in it;
 * `undefined`: it is not there.
 */
export async function lookFirst(
  place: Place,
  changes: readonly AccountChange[],
): Promise<ReadonlyMap<string, LdapEntry | undefined>> {
  const { directory, server } = place;
  const seen = new Map<string, LdapEntry | undefined>();
  for (const change of changes)
    if (change.kind !== "create" && mustLook(directory, server, change)) seen.set(change.anchor, undefined);
  const telling = (directory.shape.state?.attributes ?? []).map((name) => attributeOf(server, name).transfer);
  const attributes = [...new Set([...observed(server.dialect), ...telling])];
  for await (const page of entriesAt(place, [...seen.keys()], { attributes }))
    for (const entry of page) seen.set(sighting(server.dialect, entry).anchor, entry);
  return seen;
}

/** The anchors of those groups that are where these changes take them to be: one search for 200. None where requests name groups by their anchors anyway. */
export async function groupsInPlace(
  place: Place,
  changes: readonly MembersChange[],
): Promise<ReadonlySet<string>> {
  const { dialect } = place.server;
  const names = new Map(
    changes.flatMap(({ entitlement: anchor, name }) =>
      anchor === undefined || dialect.addressOf({ anchor, name }) !== name
        ? []
        : [[anchor, normaliseName(name)]],
    ),
  );
  const found = new Set<string>();
  for await (const page of entriesAt(place, [...names.keys()], { attributes: observed(dialect) }))
    for (const entry of page) {
      const { anchor, name } = sighting(dialect, entry);
      if (names.get(anchor) === normaliseName(name)) found.add(anchor);
    }
  return found;
}

/** Of what else than a change of values an assertion must not be part, see `preconditions`. */
function mustLook({ shape }: Directory, { offers }: Server, change: Existing): boolean {
  if (change.kind === "delete" || change.rename !== undefined || change.password !== undefined) return true;
  const follows = shape.disabledBase !== undefined || shape.state?.looksFirst === true;
  return (change.enabled !== undefined && follows) || !offers.has(oids.assertion);
}

/** Throws `Moved` when an entry is not, or no longer, what the change was planned against. */
export function checkLooked({ dialect }: Server, change: Existing, entry: LdapEntry): void {
  const { anchor, version } = sighting(dialect, entry);
  const action = `${change.kind === "delete" ? "delete" : "change"} ${change.name}`;
  if (anchor !== change.anchor)
    throw new StoreError("Moved", `cannot ${action}: another entry has that name now`);
  if (normaliseName(entry.dn) !== normaliseName(change.name))
    throw new StoreError("Moved", `cannot ${action}: it is called ${entry.dn} now`);
  if (change.expect !== undefined && !dialect.version.same(change.expect, version))
    throw new StoreError("Moved", `cannot ${action}: it is no longer the entry that was read`);
}

/** Whether all of these that were looked at are what the changes were planned against. */
export function areUnchanged(
  server: Server,
  changes: readonly AccountChange[],
  looked: ReadonlyMap<string, LdapEntry | undefined>,
): boolean {
  try {
    for (const change of changes) {
      if (change.kind === "create" || !looked.has(change.anchor)) continue;
      const entry = looked.get(change.anchor);
      if (entry === undefined) return false;
      checkLooked(server, change, entry);
    }
    return true;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}
