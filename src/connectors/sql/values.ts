import type { Values } from "../../core/model/values.ts";
import { StoreError } from "../errors.ts";
import type { Cell } from "./codec.ts";
import type { Column, Dialect } from "./dialect.ts";

/** What a column is sent for these values; NULL is no value. `refuse` says whose values they are. */
export function toCell(
  dialect: Dialect,
  column: Column,
  values: Values,
  refuse: (message: string) => StoreError = (message) =>
    new StoreError("Invalid", `cannot write ${column.name}: ${message}`),
): string | null {
  const { codec } = column;
  if (!codec.multiValued && values.length > 1)
    throw refuse(`it holds one value, and ${values.length} were given`);
  if (values.length === 0 && !(codec.multiValued && column.notNull)) return null;
  try {
    const texts = values.map((value) => codec.encode(value));
    return codec.multiValued ? dialect.pack(texts, column) : texts[0]!;
  } catch (error) {
    throw refuse(error instanceof StoreError ? error.message : "the value cannot be encoded");
  }
}

export function toValues(dialect: Dialect, column: Column, cell: Cell): Values {
  if (cell === null) return [];
  if (!column.codec.multiValued) return [column.codec.decode(cell)];
  return dialect
    .unpack(cell, column)
    .flatMap((element) => (element === null ? [] : [column.codec.decode(element)]));
}

/** A key cell that an account cannot be without. */
export function toText(dialect: Dialect, column: Column, cell: Cell): string {
  // A scan asks this twice a row: no list is made for a column that holds none.
  if (cell !== null && !column.codec.multiValued) return column.codec.decode(cell);
  return toValues(dialect, column, cell)[0] ?? "";
}
