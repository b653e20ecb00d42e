import { isName, normaliseName, parseName } from "../../core/model/distinguished-name.ts";
import { nameColumn } from "../../formats/ldif/row.ts";
import type { Member, StoreChange } from "../contract.ts";
import type { FileView } from "../files/snapshot.ts";
import { type GroupShape, memberForm, memberKey, nameOfNew, uidOf } from "../ldap/shape.ts";
import { type Entries, type Entry, refused } from "./entries.ts";
import { withNaming } from "./naming.ts";

type MembersChange = Extract<StoreChange, { kind: "members" }>;

/** The entitlements' members come and go; those that are so already are left as they are. */
export function changeMembers(change: MembersChange, entries: Entries, newRows: FileView): Entry {
  const groups = groupsOf(entries);
  const name = change.entitlement ?? change.name;
  for (const { anchor, name: member } of change.add)
    if (entries.account(anchor) === undefined)
      throw refused("NotFound", member, `it is not in the file, and cannot be in ${name}`);
  if (change.create !== undefined) return createGroup(change, entries, newRows);
  const entry = entries.named(name);
  if (entry?.now === undefined || !entries.reading.shape.isGroup(entry.now))
    throw refused("NotFound", change.name, "there is no such group");
  const form = memberForm(groups);
  const [added, removed] = [valuesOf(change.add, entries, groups), valuesOf(change.remove, entries, groups)];
  const gone = new Set(removed.map(form));
  const now = entry.now.values(groups.memberAttribute);
  const kept = now.filter((value) => !gone.has(form(value)));
  const held = new Set(kept.map(form));
  const members = [...kept, ...added.filter((value) => !held.has(form(value)))];
  const updates = (change.update ?? []).map((delta) => [delta.name, delta.after] as const);
  entries.edit(
    entry,
    new Map([...updates, [groups.memberAttribute, inhabited(members, change.name, groups)]]),
  );
  return entry;
}

/** Where no member is left the stand-in takes the place; with members it goes. Throws `Invalid` where there is none. */
function inhabited(members: readonly string[], name: string, groups: GroupShape): readonly string[] {
  const { filler, objectClass, membersAre } = groups;
  const isFiller = (value: string) => filler !== undefined && normaliseName(value) === normaliseName(filler);
  const own = members.filter((value) => !isFiller(value));
  if (own.length > 0 || membersAre === "Uids") return own;
  if (filler !== undefined) return [filler];
  throw refused("Invalid", name, `a ${objectClass} must have a member; name a stand-in in groups.filler`);
}

function createGroup(change: MembersChange, entries: Entries, newRows: FileView): Entry {
  const groups = groupsOf(entries);
  const { shape } = entries.reading;
  const name = nameOfNew(groups, change.name);
  if (!isName(name)) throw refused("Invalid", name, "it is no distinguished name; give one, or a plain name");
  if (entries.named(normaliseName(name)) !== undefined)
    throw refused("Conflict", name, "another entry has that name");
  const plain = parseName(name)[0]![0]!.value;
  const declared = { ...groups.initial(plain), ...change.create?.attributes };
  const members = inhabited(valuesOf(change.add, entries, groups), name, groups);
  const values = new Map([
    [nameColumn, [name]],
    ...Object.entries(declared),
    [groups.memberAttribute, members],
  ]);
  return entries.add(newRows, withNaming(name, values), (row) => {
    if (!shape.isGroup(row))
      throw refused("Invalid", name, `it would be no group of this target; name it below ${groups.base}`);
  });
}

/** How the group lists these accounts: by the names that they have now. */
function valuesOf(members: readonly Member[], entries: Entries, groups: GroupShape): string[] {
  return members.map(({ anchor, name }) => {
    const [dn = name] = entries.account(anchor)?.now?.values(nameColumn) ?? [];
    return memberText(dn, groups);
  });
}

function memberText(dn: string, groups: GroupShape): string {
  if (groups.membersAre === "Names") return dn;
  const uid = uidOf(dn);
  if (uid !== undefined) return uid;
  throw refused("Invalid", dn, "a posixGroup lists uids; name the target's accounts by uid");
}

/** A file keeps no references by itself, as a directory may (OpenLDAP's refint). */
export function renameInGroups(from: string, to: string, entries: Entries): void {
  forGroupsOf(from, entries, (members, isHim, groups) =>
    members.map((value) => (isHim(value) ? memberText(to, groups) : value)),
  );
}

/** `last` is what becomes of a group that has no other member, and no stand-in: `Keep` leaves the name in it. */
export function leaveGroups(dn: string, entries: Entries, last: "Refuse" | "Keep"): void {
  forGroupsOf(dn, entries, (members, isHim, groups) => {
    const others = members.filter((value) => !isHim(value));
    const isLast = others.length === 0 && groups.filler === undefined;
    return isLast && last === "Keep" ? members : inhabited(others, dn, groups);
  });
}

function forGroupsOf(
  dn: string,
  entries: Entries,
  edited: (
    members: readonly string[],
    isHim: (value: string) => boolean,
    groups: GroupShape,
  ) => readonly string[],
): void {
  const { groups } = entries.reading.shape;
  if (groups === undefined) return;
  const [form, key] = [memberForm(groups), memberKey(groups, dn)];
  const isHim = (value: string) => form(value) === key;
  for (const entry of entries.groups()) {
    const members = entry.now!.values(groups.memberAttribute);
    if (members.some(isHim))
      entries.edit(entry, new Map([[groups.memberAttribute, edited(members, isHim, groups)]]));
  }
}

function groupsOf({ reading }: Entries): GroupShape {
  const { groups } = reading.shape;
  if (groups !== undefined) return groups;
  throw refused("Invalid", "groups", "the target does not say where they are; set groups");
}
