import { randomUUID } from "node:crypto";
import { isName, normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { AttributeDelta, Attributes, Values } from "../../core/model/values.ts";
import { nameColumn } from "../../formats/ldif/row.ts";
import type { Row } from "../../formats/row.ts";
import type { StoreChange } from "../contract.ts";
import { versionOf } from "../files/layout.ts";
import type { FileView } from "../files/snapshot.ts";
import { type Entries, type Entry, type Given, refused } from "./entries.ts";
import { leaveGroups, renameInGroups } from "./group-write.ts";
import { matchingOf } from "./matching.ts";
import { dropsOldNaming, renaming, withNaming } from "./naming.ts";
import type { Shape } from "./shape.ts";

type Change<K extends StoreChange["kind"]> = Extract<StoreChange, { kind: K }>;

/** Puts a new entry at the end of `newRows`. */
export function createAccount(change: Change<"create">, entries: Entries, newRows: FileView): Entry {
  const { shape } = entries.reading;
  const { name, enabled } = change;
  refuseName(name);
  if (entries.named(normaliseName(name)) !== undefined)
    throw refused("Conflict", name, "another entry has that name");
  const mapped = withId(checked(name, change.attributes), shape);
  const values = withNaming(name, new Map([[nameColumn, [name]], ...mapped, ...stateValues(enabled, shape)]));
  return entries.add(newRows, values, (row) => {
    refuseStranger(name, row, shape);
    const anchor = shape.anchorOf(row);
    if (anchor === "") throw refused("Invalid", name, `it has no ${shape.id}; map that`);
    if (entries.account(anchor) !== undefined)
      throw refused("Conflict", name, `another account has the ${shape.id} ${anchor}`);
  });
}

/** Groups follow an account that is renamed. `parents` are the names of entries that others lie below. */
export function modifyAccount(
  change: Change<"modify">,
  entries: Entries,
  parents: ReadonlySet<string>,
): Entry {
  const { shape } = entries.reading;
  const entry = entries.account(change.anchor);
  const row = entry?.now;
  if (entry === undefined || row === undefined)
    throw refused("NotFound", change.name, "it is not in the file");
  refuseMoved(change, row);
  const deltas = change.attributes.map((delta) => [delta.name, merged(row, delta)] as const);
  const values = new Map([
    ...checked(change.name, Object.fromEntries(deltas)),
    ...stateValues(change.enabled, shape),
  ]);
  const [from = ""] = row.values(nameColumn);
  const { rename: to = from } = change;
  if (to !== from) refuseRename(change.name, to, entry, entries, parents);
  entries.edit(
    entry,
    to === from ? withNaming(from, values, row) : renaming(row, to, dropsOldNaming(from, to, values), values),
    (after) => {
      refuseStranger(change.name, after, shape);
      if (shape.anchorOf(after) !== change.anchor)
        throw refused("Invalid", change.name, `its ${shape.id ?? "name"} never changes`);
    },
  );
  if (to !== from) renameInGroups(from, to, entries);
  return entry;
}

/** Groups are left, too: whoever gets the name later must not come to be in them. */
export function deleteAccount(
  change: Change<"delete">,
  entries: Entries,
  parents: ReadonlySet<string>,
): undefined {
  const entry = entries.account(change.anchor);
  if (entry?.now === undefined) return;
  refuseMoved(change, entry.now);
  refuseParent(change.name, entry, entries, parents);
  leaveGroups(entry.now.values(nameColumn)[0]!, entries, "Refuse");
  entries.remove(entry);
}

function refuseRename(
  name: string,
  to: string,
  entry: Entry,
  entries: Entries,
  parents: ReadonlySet<string>,
): void {
  refuseName(to);
  const { shape } = entries.reading;
  if (shape.id === undefined)
    throw refused("Invalid", name, "its name is its id, and never changes; set `id` to an attribute");
  const other = entries.named(normaliseName(to));
  if (other !== undefined && other !== entry) throw refused("Conflict", to, "another entry has that name");
  if (other !== entry) refuseParent(name, entry, entries, parents);
}

function refuseParent(
  name: string,
  { now }: Entry,
  { reading }: Entries,
  parents: ReadonlySet<string>,
): void {
  if (now !== undefined && parents.has(reading.shape.nameOf(now)))
    throw refused("Invalid", name, "other entries lie below it; move or remove those first");
}

function refuseName(name: string): void {
  if (!isName(name)) throw refused("Invalid", name, "it is no distinguished name; map one");
  if (name.includes("\0") || name.includes("\\00"))
    throw refused("Invalid", name.replaceAll("\0", "\\00"), "it has a NUL; take it out");
}

/** An account that would be none once it is written could not be found again. */
function refuseStranger(name: string, row: Row, shape: Shape): void {
  if (shape.isAccount(row)) return;
  const cause = `it would be no account of this target; name it below its bases, and give it the objectClass ${shape.objectClass}`;
  throw refused("Invalid", name, cause);
}

function refuseMoved({ name, expect }: { readonly name: string; readonly expect?: string }, row: Row): void {
  if (expect !== undefined && versionOf(row) !== expect)
    throw refused("Moved", name, "it is no longer what was read; it is read again");
}

function checked(name: string, attributes: Attributes): Given {
  for (const [attribute, values] of Object.entries(attributes)) {
    if (attribute.toLowerCase() === nameColumn) throw refused("Invalid", name, "dn is its name; unmap it");
    if (values.some((value) => value.includes("\0")))
      throw refused("Invalid", name, `${attribute} has a NUL; take it out`);
  }
  return new Map(Object.entries(attributes));
}

/** entryUUID (RFC 4530) is what a directory gives to each new entry. */
function withId(values: Given, { id }: Shape): Given {
  const isOwn = (column: string) => column.toLowerCase() === "entryuuid";
  if (id === undefined || !isOwn(id) || values.keys().some(isOwn)) return values;
  return new Map([...values, [id, [randomUUID()]]]);
}

function stateValues(enabled: boolean | undefined, { state }: Shape): Given {
  if (enabled === undefined || state === undefined) return new Map();
  const values = enabled ? state.enabled : state.disabled;
  return new Map([[state.name, values === undefined ? [] : [values]]]);
}

/** The values after a delta, those kept that others have added meanwhile. */
function merged(row: Row, { name, before, after }: AttributeDelta): Values {
  const form = (value: string) => normalise(matchingOf(name), value);
  const now = row.values(name);
  const known = new Set([...before, ...after].map(form));
  return [...after, ...now.filter((value) => !known.has(form(value)))];
}
