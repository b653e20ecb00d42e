import type { EntitlementRecord } from "../../core/model/account.ts";
import { type Format, FormatError, type Row, type Sheet } from "../../formats/row.ts";
import type { Call } from "../contract.ts";
import type { StoreFile } from "./file.ts";
import { anchorOf, heldBy, isEnabled, type Layout, nameOf, neededColumns } from "./layout.ts";
import type { Known } from "./reader.ts";
import type { Key } from "./snapshot.ts";
import { type Bounds, takingSnapshot } from "./take-snapshot.ts";
import { Tally } from "./tally.ts";

/** A store's files read as the accounts of one target. */
export interface Accounts extends Known {
  readonly layout: Layout;
  readonly byName: Key;
  readonly byAnchor: Key;
  /** The entitlements there are, by name: those that somebody holds, and those that the target names. */
  readonly entitlements: ReadonlyMap<string, EntitlementRecord>;
}

/** The columns that the target needs and the file has not. */
export function missingColumns(layout: Layout, { columns }: Sheet): readonly string[] {
  return columns === undefined ? [] : neededColumns(layout).filter((column) => !columns.includes(column));
}

/** Throws `Unavailable` where the files are not this target's: no such column, a key that is missing or there twice, a state that is neither. */
export async function* readAccounts(
  files: readonly StoreFile[],
  format: Format,
  layout: Layout,
  bounds: Bounds,
  call: Call,
): AsyncGenerator<readonly Row[], Accounts> {
  const byName: Key = { title: layout.name, of: (row) => nameOf(row, layout) };
  const byAnchor: Key =
    layout.id === layout.name ? byName : { title: layout.id, of: (row) => anchorOf(row, layout) };
  const tally = new Tally(layout.entitlements?.names ?? []);
  const rules = {
    keys: [...new Set([byName, byAnchor])],
    bounds,
    begin(sheet: Sheet) {
      mindMark(sheet);
      const [missing] = missingColumns(layout, sheet);
      if (missing !== undefined) throw new FormatError(`it has no column "${missing}"; ${headerText(sheet)}`);
    },
    visit(row: Row) {
      isEnabled(row, layout);
      for (const name of heldBy(row, layout)) tally.add(name, anchorOf(row, layout));
    },
  };
  const snapshot = yield* takingSnapshot(files, format, rules, call);
  return { layout, snapshot, byName, byAnchor, entitlements: tally.records() };
}

/** What encodings' byte order marks are in windows-1252 and its like, which take any bytes for letters. */
const marks = [
  ["\u00FF\u00FE", "utf-16le"],
  ["\u00FE\u00FF", "utf-16be"],
  ["\u00EF\u00BB\u00BF", "utf-8"],
] as const;

/** Throws a `FormatError` for a header that says itself that it is in another encoding. */
function mindMark({ columns = [] }: Sheet): void {
  for (const [mark, encoding] of marks)
    if (columns[0]?.startsWith(mark))
      throw new FormatError(
        `it begins with the byte order mark of ${encoding}; set that encoding in the Store`,
      );
}

function headerText({ columns = [] }: Sheet): string {
  const cells = columns.map((column) => `"${column}"`).join(", ");
  if (columns.length === 1)
    return `its header is one cell, ${cells}; set the delimiter that it has, or correct the header`;
  return `its header is ${cells}; correct the header or the target's columns`;
}
