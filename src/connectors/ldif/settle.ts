import { normaliseName } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { ChangeRecord, Modification } from "../../formats/ldif/record.ts";
import { type LdifRow, nameColumn } from "../../formats/ldif/row.ts";
import { FormatError, type Row } from "../../formats/row.ts";
import { nameError } from "../files/errors.ts";
import type { FileView } from "../files/snapshot.ts";
import { loadGroupsOf } from "./concerned.ts";
import { Entries, type Entry } from "./entries.ts";
import { leaveGroups, renameInGroups } from "./group-write.ts";
import { matchingOf } from "./matching.ts";
import { nameAfter, renaming, withNaming } from "./naming.ts";
import type { Reading } from "./reading.ts";

/**
 * What the change records of a file make of its entries. Throws `Unavailable` where one cannot be made: what results is unknown then.
 * Groups follow those that are renamed and are left by those that are deleted, as a directory keeps its references. All entries that they name are
 * held in memory.
 */
export async function settle(reading: Reading): Promise<Entries> {
  const entries = new Entries(reading);
  const changes = reading.changes.map(({ row, view }) => ({ row: row as LdifRow, view }));
  const attempt = <T>({ row, view }: { row: LdifRow; view: FileView }, work: () => T): T => {
    try {
      return work();
    } catch (error) {
      const cause = `line ${row.line}: ${(error as Error).message}; correct the change record, or take it out`;
      throw nameError(view.file.name, "read", error instanceof FormatError ? error : new FormatError(cause));
    }
  };
  await entries.load(
    changes.flatMap((change) => attempt(change, () => namesOf(change.row.record as ChangeRecord))),
  );
  const { id } = reading.shape;
  if (id !== undefined)
    await entries.loadAccounts(changes.flatMap((change) => attempt(change, () => idsIn(change.row, id))));
  const leaving = changes
    .map(({ row }) => row.record)
    .filter(({ kind }) => kind === "delete" || kind === "rename");
  if (leaving.length > 0)
    await loadGroupsOf(
      leaving.map(({ dn }) => dn),
      entries,
    );
  for (const change of changes) attempt(change, () => make(change.row, change.view, entries));
  return entries;
}

function namesOf(record: ChangeRecord): string[] {
  const { dn } = record;
  const after = record.kind === "rename" ? [nameAfter(dn, record.newRdn, record.newSuperior)] : [];
  return [dn, ...after].map(normaliseName);
}

/** The ids that a change record gives. */
function idsIn(row: LdifRow, id: string): readonly string[] {
  const { record } = row;
  const given =
    record.kind === "add" ? record.attributes : record.kind === "modify" ? record.modifications : [];
  return given
    .filter(({ description }) => description.toLowerCase() === id.toLowerCase())
    .flatMap((one) => row.told(one));
}

function make(row: LdifRow, view: FileView, entries: Entries): void {
  const record = row.record as ChangeRecord;
  if (record.controls?.some(({ critical }) => critical)) throw new Error("it has a control that is critical");
  const entry = entries.named(normaliseName(record.dn));
  if (record.kind === "add") {
    if (entry !== undefined) throw new Error("an entry of that name is there already");
    const given = record.attributes.map((one) => [one.description, row.told(one)] as const);
    const values = withNaming(record.dn, new Map([[nameColumn, [record.dn]], ...given]));
    entries.add(view, values, (made) => checkId(made, undefined, entries));
  } else if (entry?.now === undefined) throw new Error("there is no entry of that name");
  else if (record.kind === "delete") {
    leaveGroups(entry.now.values(nameColumn)[0]!, entries, "Keep");
    entries.remove(entry);
  } else if (record.kind === "rename") rename(record, entry, entries);
  else
    for (const one of record.modifications)
      entries.edit(
        entry,
        new Map([[one.description, modified(entry.now.values(one.description), one, row)]]),
        (made) => checkId(made, entry, entries),
      );
}

function checkId(row: Row, entry: Entry | undefined, entries: Entries): void {
  const { shape } = entries.reading;
  if (!shape.isAccount(row)) return;
  const anchor = shape.anchorOf(row);
  if (anchor === "") throw new Error(`it makes an account without ${shape.id}`);
  const other = entries.account(anchor);
  if (other !== undefined && other !== entry)
    throw new Error(`another account has the ${shape.id} ${anchor}`);
}

function rename(record: ChangeRecord & { kind: "rename" }, entry: Entry, entries: Entries): void {
  const [from = ""] = entry.now!.values(nameColumn);
  const to = nameAfter(from, record.newRdn, record.newSuperior);
  const other = entries.named(normaliseName(to));
  if (other !== undefined && other !== entry) throw new Error("an entry of the new name is there already");
  entries.edit(entry, renaming(entry.now!, to, record.deleteOldRdn));
  renameInGroups(from, to, entries);
}

function modified(now: readonly string[], modification: Modification, row: LdifRow): readonly string[] {
  const given = row.told(modification);
  const form = (value: string) => normalise(matchingOf(modification.description), value);
  const forms = new Set(given.map(form));
  switch (modification.operation) {
    case "replace":
      return given;
    case "add":
      return [...now.filter((value) => !forms.has(form(value))), ...given];
    case "delete":
      return given.length === 0 ? [] : now.filter((value) => !forms.has(form(value)));
    case "increment":
      return now.map((value) => String(BigInt(value) + BigInt(given[0]!)));
  }
}
