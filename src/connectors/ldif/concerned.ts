import { normaliseName } from "../../core/model/distinguished-name.ts";
import { nameColumn } from "../../formats/ldif/row.ts";
import type { Call, StoreChange } from "../contract.ts";
import { memberForm, memberKey, nameOfNew } from "../ldap/shape.ts";
import type { Entries } from "./entries.ts";

/** Groups read in one go. */
const groupsAtOnce = 100;

/**
 * Loads the entries that a batch changes, or may not collide with. Resolves to the names of those to be renamed or deleted that other entries
 * lie below: to know them, and the groups that they are in, takes a reading of the whole file.
 */
export async function loadConcerned(
  entries: Entries,
  changes: readonly StoreChange[],
  call: Call,
): Promise<ReadonlySet<string>> {
  await entries.loadAccounts(changes.flatMap((change) => anchorsOf(change, entries.reading.shape.id)));
  await entries.load(changes.flatMap((change) => namesOf(change, entries)));
  const leaving = changes.flatMap((change) => {
    if (change.kind !== "delete" && (change.kind !== "modify" || change.rename === undefined)) return [];
    return entries.account(change.anchor)?.now?.values(nameColumn) ?? [];
  });
  if (leaving.length === 0) return new Set();
  await loadGroupsOf(leaving, entries);
  return parentsAmong(new Set(leaving.map(normaliseName)), entries, call);
}

function anchorsOf(change: StoreChange, id: string | undefined): readonly string[] {
  if (change.kind === "members") return [...change.add, ...change.remove].map(({ anchor }) => anchor);
  if (change.kind !== "create") return [change.anchor];
  const own = Object.entries(change.attributes).find(([name]) => name.toLowerCase() === id?.toLowerCase());
  return own?.[1] ?? [];
}

function namesOf(change: StoreChange, { reading }: Entries): readonly string[] {
  switch (change.kind) {
    case "create":
      return [normaliseName(change.name)];
    case "modify":
      return change.rename === undefined ? [] : [normaliseName(change.rename)];
    case "delete":
      return [];
    case "members": {
      const { groups } = reading.shape;
      if (change.entitlement !== undefined || groups === undefined) return [change.entitlement ?? ""];
      return [normaliseName(nameOfNew(groups, change.name))];
    }
  }
}

/** The groups that list accounts of these names. */
export async function loadGroupsOf(names: readonly string[], entries: Entries): Promise<void> {
  const { shape, snapshot, groups } = entries.reading;
  if (shape.groups === undefined) return;
  const [form, { memberAttribute }] = [memberForm(shape.groups), shape.groups];
  const wanted = new Set(names.map((name) => memberKey(shape.groups, name)));
  const numbers = [...groups.values()];
  for (let at = 0; at < numbers.length; at += groupsAtOnce) {
    const some = await snapshot.at(numbers.slice(at, at + groupsAtOnce));
    entries.take(
      some.filter(({ row }) => row.values(memberAttribute).some((value) => wanted.has(form(value)))),
    );
  }
}

async function parentsAmong(
  names: ReadonlySet<string>,
  entries: Entries,
  call: Call,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const page of entries.rows(call))
    for (const row of page) {
      const parent = parentOf(entries.reading.shape.nameOf(row));
      if (names.has(parent)) found.add(parent);
    }
  return found;
}

/** Of a name in its one form. */
function parentOf(name: string): string {
  return name.replace(/^(?:[^\\,]|\\.)*(?:,|$)/s, "");
}
