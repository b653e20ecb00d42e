import { LdifRow } from "../../formats/ldif/row.ts";
import { type Format, FormatError, type Row } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import type { StoreFile } from "../files/file.ts";
import type { Key, Placed, Snapshot } from "../files/snapshot.ts";
import { type Bounds, takingSnapshot } from "../files/take-snapshot.ts";
import type { Shape } from "./shape.ts";

/** The entries of a store's files at one moment, as one target sees them. */
export interface Reading {
  readonly shape: Shape;
  readonly snapshot: Snapshot;
  /** Of all entries. */
  readonly byName: Key;
  /** Of accounts. */
  readonly byAnchor: Key;
  /** The target's groups: the numbers of their rows, by name in its one form. Groups are few, and their members are not kept. */
  readonly groups: ReadonlyMap<string, number>;
  /** Change records, which stand behind the entries, in their order. */
  readonly changes: readonly Placed[];
}

/**
 * Reads all files once, and shows the rows on the way. Throws a `StoreError` for what is not whole, for two entries of one name, and for an account
 * without an id.
 */
export async function* readingEntries(
  files: readonly StoreFile[],
  format: Format,
  shape: Shape,
  bounds: Bounds,
  call: Call,
): AsyncGenerator<readonly Row[], Reading> {
  const groups = new Map<string, number>();
  const changes: number[] = [];
  let count = 0;
  let behindChanges = false;
  const begin = () => {
    behindChanges = false;
  };
  const visit = (row: Row) => {
    if (isChange(row)) {
      changes.push(count);
      behindChanges = true;
    } else if (behindChanges)
      throw new FormatError(`line ${row.line}: an entry stands behind change records; write changetype: add`);
    else if (shape.isGroup(row)) groups.set(shape.nameOf(row), count);
    count++;
  };
  const byName: Key = { title: "dn", of: (row) => (isChange(row) ? undefined : shape.nameOf(row)) };
  const { id } = shape;
  const byAnchor: Key =
    id === undefined
      ? byName
      : {
          title: id,
          of: (row) => (!isChange(row) && shape.isAccount(row) ? shape.anchorOf(row) : undefined),
        };
  const rules = { keys: [...new Set([byName, byAnchor])], bounds, begin, visit };
  const snapshot = yield* takingSnapshot(files, format, rules, call);
  return { shape, snapshot, byName, byAnchor, groups, changes: await snapshot.at(changes) };
}

/** Whether it is a change record, and no entry. */
export function isChange(row: Row): boolean {
  return row instanceof LdifRow && row.record.kind !== "content";
}
