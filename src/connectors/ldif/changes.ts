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
import { changeHeld } from "./held.ts";
import type { KnownEntries } from "./reader.ts";

/**
 * Makes a batch of changes; the file is rewritten once. Change records in it are made good on the way: what is written are entries alone.
 * New ones go to `newRows`.
 */
export async function applyChanges(
  { settled, held }: KnownEntries,
  changes: readonly StoreChange[],
  newRows: FileView,
  call: Call,
): Promise<readonly Outcome[]> {
  const entries = settled.copy();
  const parents = await loadConcerned(entries, changes, call);
  const grants = changes.some(({ kind }) => kind === "members");
  const names = new Set(grants ? (await held?.records(call))?.keys() : []);
  const made = changes.map((change) => {
    try {
      return { change, entry: make(change, entries, newRows, parents, names) };
    } catch (error) {
      if (error instanceof StoreError) return { change, error };
      throw error;
    }
  });
  const failures = entries.isChanged ? await write(entries, call) : new Map<FileView, StoreError>();
  return made.map(({ change, entry, error = failureOf(change, entry, failures) }): Outcome => {
    if (error !== undefined) return { id: change.id, ok: false, error };
    return { id: change.id, ok: true, ...whatIs(change, entry, entries) };
  });
}

function make(
  change: StoreChange,
  entries: Entries,
  newRows: FileView,
  parents: ReadonlySet<string>,
  names: ReadonlySet<string>,
): Entry | undefined {
  const { held } = entries.reading.shape;
  switch (change.kind) {
    case "create":
      return createAccount(change, entries, newRows);
    case "modify":
      return modifyAccount(change, entries, parents);
    case "delete":
      return deleteAccount(change, entries, parents);
    case "members":
      return held === undefined
        ? changeMembers(change, entries, newRows)
        : changeHeld(change, entries, held, names);
  }
}

/** Resolves to the errors for which files were not written. */
function write(entries: Entries, call: Call): Promise<ReadonlyMap<FileView | undefined, StoreError>> {
  const done = entries.reading.changes.map(
    ({ row, view }): Touched => ({ view, before: row, now: undefined }),
  );
  return writeTouched([...entries.all(), ...done], call);
}

/** Of a change that concerns its own entry alone: whether that file was written. Groups may lie in any of them. */
function failureOf(
  change: StoreChange,
  entry: Entry | undefined,
  failures: ReadonlyMap<FileView | undefined, StoreError>,
): StoreError | undefined {
  const isItsOwn = change.kind === "create" || (change.kind === "modify" && change.rename === undefined);
  return isItsOwn ? failures.get(entry?.view) : failures.values().next().value;
}

/** What is there after the whole batch. */
function whatIs(change: StoreChange, entry: Entry | undefined, { reading: { shape } }: Entries) {
  if (entry?.now === undefined) {
    const anchor =
      change.kind === "members" ? change.entitlement : change.kind === "create" ? "" : change.anchor;
    return { anchor: anchor ?? change.name, name: change.name };
  }
  const anchor = change.kind === "members" ? shape.nameOf(entry.now) : shape.anchorOf(entry.now);
  return { anchor, name: entry.now.values(nameColumn)[0]!, version: versionOf(entry.now) };
}
