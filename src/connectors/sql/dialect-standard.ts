import { StoreError } from "../errors.ts";
import type { Cell } from "./codec.ts";
import type { Column, Dialect, LookUp, Query, Writes } from "./dialect.ts";
import { quoteIdentifier } from "./names.ts";

/** Rows in one question; each is one more condition. */
const portion = 50;

/** What stands for a value, by its position from 1. */
type Mark = (position: number) => string;

/** What every SQL database takes (SQL-92): one row in a statement, its values in place, nothing said of what became of it. */
export function standardDialect(mark: Mark = () => "?"): Dialect {
  return {
    ...standardWrites(mark),
    columnNames: "caseExact",
    batch: 100,
    lookUp: (asked) => (asked.numbered ? numbered(asked, mark) : portions(asked, mark)),
    placeholder: mark,
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
}

function standardWrites(mark: Mark): Writes {
  const set = ({ name }: Column, position: number) => `${quoteIdentifier(name)} = ${mark(position)}`;
  return {
    returning: { insert: false, update: false },
    skips: false,
    own: "",
    insert: (table, columns, rows) => {
      const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
      const marks = columns.map((_, index) => mark(index + 1)).join(", ");
      const text = `INSERT INTO ${table} (${names}) VALUES (${marks})`;
      return rows.map((cells) => ({ text, values: parameters(columns, cells), rows: 1 }));
    },
    update: (table, [id, ...columns], rows) => {
      const sets = columns.map((column, index) => set(column, index + 1)).join(", ");
      const text = `UPDATE ${table} SET ${sets} WHERE ${set(id, columns.length + 1)}`;
      return rows.map(([key, ...cells]) => ({
        text,
        values: [...parameters(columns, cells), parameter(key ?? null, id)],
        rows: 1,
      }));
    },
    touch: (table, assignment, key, cells, condition) => {
      const head = assignment === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${assignment}`;
      const also = condition === undefined ? "" : ` AND ${condition}`;
      const text = `${head} WHERE ${set(key, 1)}${also}`;
      return cells.map((cell) => ({ text, values: [parameter(cell, key)], rows: 1 }));
    },
  };
}

/** The driver knows the type of each parameter, and turns texts into it. */
function parameter(cell: string | null, column: Column | undefined): Cell {
  return cell !== null && column?.codec.matching === "binary" ? Buffer.from(cell, "hex") : cell;
}

function parameters(columns: readonly Column[], cells: readonly (string | null)[]): readonly Cell[] {
  return columns.map((column, index) => parameter(cells[index] ?? null, column));
}

function portions(asked: LookUp, mark: Mark): readonly Query[] {
  const queries: Query[] = [];
  for (let at = 0; at < asked.rows.length; at += portion)
    queries.push(select(asked, asked.rows.slice(at, at + portion), asked.what, mark));
  return queries;
}

function numbered(asked: LookUp, mark: Mark): readonly Query[] {
  return asked.rows.map((row, index) => select(asked, [row], `${index + 1}, ${asked.what}`, mark));
}

function select(
  { from, columns, condition, tail = "" }: LookUp,
  rows: LookUp["rows"],
  what: string,
  mark: Mark,
): Query {
  const equal = (row: number) => (column: Column, index: number) =>
    `t.${quoteIdentifier(column.name)} = ${mark(row * columns.length + index + 1)}`;
  const any = rows.map((_, row) => `(${columns.map(equal(row)).join(" AND ")})`).join(" OR ");
  const also = condition ? ` AND ${condition}` : "";
  return {
    text: `SELECT ${what} FROM ${from} WHERE (${any})${also}${tail}`,
    values: rows.flatMap((row) => parameters(columns, row)),
  };
}

function noLists(): StoreError {
  return new StoreError("Invalid", "a column holds one value here");
}
