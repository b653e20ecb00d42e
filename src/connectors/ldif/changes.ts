import { nameColumn } from "../../formats/ldif/row.ts";
import type { Call, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { versionOf } from "../files/layout.ts";
import type { FileView } from "../files/snapshot.ts";
import { type Touched, writeTouched } from "../files/write-touched.ts";
import { createAccount, deleteAccount, modifyAccount } from "./account-write.ts";
import { loadConcerned } from "./concerned.ts";
import type { Entries, Entry } from "./entries.ts";
import { changeMembers } from "./group-write.ts";

/**
 * Makes a batch of changes; the file is rewritten once. Change records in it are made good on the way: what is written are entries alone.
 * New ones go to `newRows`.
 */
export async function applyChanges(
  settled: Entries,
  changes: readonly StoreChange[],
  newRows: FileView,
  call: Call,
): Promise<readonly Outcome[]> {
  const entries = settled.copy();
  const parents = await loadConcerned(entries, changes, call);
  const made = changes.map((change) => {
    try {
      return { change, entry: make(change, entries, newRows, parents) };
    } catch (error) {
      if (error instanceof StoreError) return { change, error };
      throw error;
    }
  });
  const failure = entries.isChanged ? await write(entries, call) : undefined;
  return made.map(({ change, entry, error = failure }): Outcome => {
    if (error !== undefined) return { id: change.id, ok: false, error };
    return { id: change.id, ok: true, ...whatIs(change, entry, entries) };
  });
}

function make(
  change: StoreChange,
  entries: Entries,
  newRows: FileView,
  parents: ReadonlySet<string>,
): Entry | undefined {
  switch (change.kind) {
    case "create":
      return createAccount(change, entries, newRows);
    case "modify":
      return modifyAccount(change, entries, parents);
    case "delete":
      return deleteAccount(change, entries, parents);
    case "members":
      return changeMembers(change, entries, newRows);
  }
}

/** The error for which nothing was written, if any. */
async function write(entries: Entries, call: Call): Promise<StoreError | undefined> {
  const done = entries.reading.changes.map(
    ({ row, view }): Touched => ({ view, before: row, now: undefined }),
  );
  const failures = await writeTouched([...entries.all(), ...done], call);
  return failures.values().next().value;
}

/** What is there after the whole batch. */
function whatIs(change: StoreChange, entry: Entry | undefined, { reading: { shape } }: Entries) {
  if (entry?.now === undefined || change.kind === "delete")
    return { anchor: change.kind === "delete" ? change.anchor : "", name: change.name };
  const anchor = change.kind === "members" ? shape.nameOf(entry.now) : shape.anchorOf(entry.now);
  return { anchor, name: entry.now.values(nameColumn)[0]!, version: versionOf(entry.now) };
}
