import type { Cell } from "../codec.ts";
import { mayBeRounded } from "../rounded.ts";
import type { ResultColumn } from "./protocol.ts";

/** Numbers of SQL's types (sql.h, sqlext.h). */
export const sqlTypes = {
  char: 1,
  numeric: 2,
  decimal: 3,
  integer: 4,
  smallint: 5,
  float: 6,
  real: 7,
  double: 8,
  varchar: 12,
  date: 91,
  time: 92,
  timestamp: 93,
  longVarchar: -1,
  binary: -2,
  varbinary: -3,
  longVarbinary: -4,
  bigint: -5,
  tinyint: -6,
  bit: -7,
  wchar: -8,
  wvarchar: -9,
  wlongVarchar: -10,
  guid: -11,
} as const;

/**
 * A cell as it is in the database. Values are read into buffers as large as the driver says its columns are, and what does not fit is
 * cut in silence: SQLite keeps longer texts, and its driver knows no length of what is computed. Exact numbers come as floating-point
 * ones. Throws where the value may not be the whole one.
 */
export function wholeCell(cell: Cell | ArrayBuffer, column: ResultColumn): Cell {
  if (typeof cell === "string" && cutTexts.has(column.type) && mayBeCut(cell, column.size))
    throw notWhole(column, `is longer than the ${column.size} characters that the driver speaks of`);
  if (typeof cell === "number" && exactNumbers.has(column.type) && mayBeRounded(cell))
    throw notWhole(column, "has more digits than the driver's module can read");
  if (!(cell instanceof ArrayBuffer)) return cell;
  if (cutBinaries.has(column.type) && column.size > 0 && cell.byteLength > column.size)
    throw notWhole(column, `is longer than the ${column.size} bytes that the driver speaks of`);
  return new Uint8Array(cell);
}

const cutTexts: ReadonlySet<number> = new Set([sqlTypes.char, sqlTypes.varchar]);
const cutBinaries: ReadonlySet<number> = new Set([sqlTypes.binary, sqlTypes.varbinary]);
const exactNumbers: ReadonlySet<number> = new Set([sqlTypes.numeric, sqlTypes.decimal]);

/** The buffer holds four bytes a character, and a driver may not have cut one apart. */
function mayBeCut(text: string, size: number): boolean {
  return size > 0 && Buffer.byteLength(text) > 4 * size - 4;
}

function notWhole({ name }: ResultColumn, why: string): Error {
  return new Error(
    `cannot read column ${name}: a value of it ${why}; read it through a view that casts it to a longer text`,
  );
}
