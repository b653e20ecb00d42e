import { StoreError } from "../errors.ts";
import type { Cell } from "./codec.ts";
import type { Column, Dialect, LookUp, Query } from "./dialect.ts";
import { quoteIdentifier } from "./names.ts";

/** Rows in one question; each is one more condition. */
const portion = 50;

/** What every SQL database takes (SQL-92): one row in a statement, its values in place, nothing said of what became of it. */
export const genericDialect: Dialect = {
  columnNames: "caseExact",
  batch: 100,
  returning: { insert: false, update: false },
  skips: false,
  own: "",
  lookUp: (asked) => (asked.numbered ? numbered(asked) : portions(asked)),
  insert: (table, columns, rows) =>
    rows.map((cells) => {
      const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
      const marks = columns.map(() => "?").join(", ");
      return {
        text: `INSERT INTO ${table} (${names}) VALUES (${marks})`,
        values: parameters(columns, cells),
        rows: 1,
      };
    }),
  update: (table, [id, ...columns], rows) =>
    rows.map(([key, ...cells]) => {
      const set = columns.map(({ name }) => `${quoteIdentifier(name)} = ?`).join(", ");
      return {
        text: `UPDATE ${table} SET ${set} WHERE ${quoteIdentifier(id.name)} = ?`,
        values: [...parameters(columns, cells), parameter(key ?? null, id)],
        rows: 1,
      };
    }),
  touch: (table, set, key, cells, condition) =>
    cells.map((cell) => {
      const head = set === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${set}`;
      const also = condition === undefined ? "" : ` AND ${condition}`;
      return {
        text: `${head} WHERE ${quoteIdentifier(key.name)} = ?${also}`,
        values: [parameter(cell, key)],
        rows: 1,
      };
    }),
  placeholder: () => "?",
  // An integer is compared with integers alone, so its digits stand without quotes.
  cast: (expression, { codec }) =>
    codec.matching === "integer" ? expression.replace(/^'([+-]?[0-9]+)'$/, "$1") : expression,
  bare: (expression) => expression,
  sent: parameter,
  pack: () => {
    throw noLists();
  },
  unpack: () => {
    throw noLists();
  },
  membersVersion: undefined,
  lockRows: "",
  now: "CURRENT_TIMESTAMP",
  lists: undefined,
};

/** The driver knows the type of each parameter, and turns texts into it. */
function parameter(cell: string | null, column: Column | undefined): Cell {
  return cell !== null && column?.codec.matching === "binary" ? Buffer.from(cell, "hex") : cell;
}

function parameters(columns: readonly Column[], cells: readonly (string | null)[]): readonly Cell[] {
  return columns.map((column, index) => parameter(cells[index] ?? null, column));
}

function portions(asked: LookUp): readonly Query[] {
  const queries: Query[] = [];
  for (let at = 0; at < asked.rows.length; at += portion)
    queries.push(select(asked, asked.rows.slice(at, at + portion), asked.what));
  return queries;
}

function numbered(asked: LookUp): readonly Query[] {
  return asked.rows.map((row, index) => select(asked, [row], `${index + 1}, ${asked.what}`));
}

function select({ from, columns, condition, tail = "" }: LookUp, rows: LookUp["rows"], what: string): Query {
  const one = columns.map(({ name }) => `t.${quoteIdentifier(name)} = ?`).join(" AND ");
  const any = rows.map(() => `(${one})`).join(" OR ");
  const also = condition ? ` AND ${condition}` : "";
  return {
    text: `SELECT ${what} FROM ${from} WHERE (${any})${also}${tail}`,
    values: rows.flatMap((row) => parameters(columns, row)),
  };
}

function noLists(): StoreError {
  return new StoreError("Invalid", "a column holds one value here");
}
