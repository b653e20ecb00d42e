import type { Call, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Accounts } from "./accounts.ts";
import { Draft } from "./draft.ts";
import { anchorOf, nameOf, versionOf } from "./layout.ts";
import type { FileView, Placed } from "./snapshot.ts";
import { writeTouched } from "./write-touched.ts";

/** Makes a batch of changes: each file that they touch is rewritten once. `newRows` is where new accounts go. */
export async function applyChanges(
  accounts: Accounts,
  changes: readonly StoreChange[],
  newRows: FileView,
  call: Call,
): Promise<readonly Outcome[]> {
  const draft = new Draft(accounts, await concerned(accounts, changes), newRows);
  const made = changes.map((change) => {
    try {
      return { change, anchors: draft.apply(change) };
    } catch (error) {
      if (error instanceof StoreError) return { change, error };
      throw error;
    }
  });
  const failures = await writeTouched(draft.touched(), call);
  return made.map(({ change, anchors, error }): Outcome => {
    const failure = error ?? anchors.map((anchor) => failures.get(draft.get(anchor)?.view)).find(Boolean);
    if (failure !== undefined) return { id: change.id, ok: false, error: failure };
    return { id: change.id, ok: true, ...whatIs(change, anchors!, draft, accounts) };
  });
}

/** The rows that a batch changes, or may not collide with. */
async function concerned(
  { snapshot, byName, byAnchor, layout }: Accounts,
  changes: readonly StoreChange[],
): Promise<readonly Placed[]> {
  const names = new Set<string>();
  const anchors = new Set<string>();
  for (const change of changes) {
    if (change.kind === "members") {
      for (const { anchor } of [...change.add, ...change.remove]) anchors.add(anchor);
    } else if (change.kind === "create") {
      names.add(change.name);
      for (const [attribute, [value = ""]] of Object.entries(change.attributes))
        if (layout.columnOf(attribute) === layout.id) anchors.add(value);
    } else {
      anchors.add(change.anchor);
      if (change.kind === "modify" && change.rename !== undefined) names.add(change.rename);
    }
  }
  const found = [...(await snapshot.find(byAnchor, anchors)).values()];
  const known = new Set(found.map(({ row }) => anchorOf(row, layout)));
  const named = (await snapshot.find(byName, names)).values();
  return [...found, ...named.filter(({ row }) => !known.has(anchorOf(row, layout)))];
}

/** What is there after the whole batch. */
function whatIs(
  change: StoreChange,
  [anchor = ""]: readonly string[],
  draft: Draft,
  { layout }: Accounts,
): { anchor: string; name: string; version?: string } {
  if (change.kind === "members") {
    const name = change.entitlement ?? change.name;
    return { anchor: name, name };
  }
  const row = draft.get(anchor)?.now;
  if (row === undefined) return { anchor, name: change.name };
  return { anchor, name: nameOf(row, layout), version: versionOf(row) };
}
