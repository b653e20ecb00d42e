import type { Values } from "../../core/model/values.ts";
import { StoreError } from "../errors.ts";
import type { Cell } from "./codec.ts";
import type { Column, Dialect } from "./dialect.ts";

/** What a column is sent for these values; NULL is no value. `doing` says whose values they are where they cannot be. */
export function toCell(dialect: Dialect, column: Column, values: Values, doing?: string): string | null {
  const { codec } = column;
  if (!codec.multiValued && values.length > 1)
    throw refused(column, doing, `it holds one value, and ${values.length} were given`);
  if (values.length === 0 && !(codec.multiValued && column.notNull)) return null;
  try {
    if (!codec.multiValued) return codec.encode(values[0]!);
    return dialect.pack(
      values.map((value) => codec.encode(value)),
      column,
    );
  } catch (error) {
    throw refused(column, doing, error instanceof StoreError ? error.message : "the value cannot be encoded");
  }
}

function refused({ name }: Column, doing = `write ${name}`, message: string): StoreError {
  return new StoreError("Invalid", `cannot ${doing}: ${message}`);
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
