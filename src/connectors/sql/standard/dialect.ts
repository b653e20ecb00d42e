import { StoreError } from "../../errors.ts";
import type { Cell } from "../codec.ts";
import type { Column, Dialect, LookUp, Query, Writes } from "../dialect.ts";
import { quoteIdentifier } from "../names.ts";

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
  return {
    returning: { insert: false, update: false },
    skips: false,
    own: "",
    insert: (table, columns, rows) => {
      const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
      return rows.map((cells) => {
        const { marks, values } = place(columns, cells, mark);
        return { text: `INSERT INTO ${table} (${names}) VALUES (${marks.join(", ")})`, values, rows: 1 };
      });
    },
    update: (table, [id, ...columns], rows) =>
      rows.map(([key = null, ...cells]) => {
        const { marks, values } = place(columns, cells, mark);
        const sets = columns.map(({ name }, index) => `${quoteIdentifier(name)} = ${marks[index]}`);
        const which = `${quoteIdentifier(id.name)} = ${mark(values.length + 1)}`;
        const text = `UPDATE ${table} SET ${sets.join(", ")} WHERE ${which}`;
        return { text, values: [...values, parameter(key, id)], rows: 1 };
      }),
    touch: (table, assignment, key, cells, condition) => {
      const head = assignment === undefined ? `DELETE FROM ${table}` : `UPDATE ${table} SET ${assignment}`;
      const also = condition === undefined ? "" : ` AND ${condition}`;
      const text = `${head} WHERE ${quoteIdentifier(key.name)} = ${mark(1)}${also}`;
      return cells.map((cell) => ({ text, values: [parameter(cell, key)], rows: 1 }));
    },
  };
}

/** What stands for each cell, and the values of those that have one: a NULL without a type is not taken by every database. */
function place(
  columns: readonly Column[],
  cells: readonly (string | null)[],
  mark: Mark,
): { readonly marks: readonly string[]; readonly values: readonly Cell[] } {
  const values: Cell[] = [];
  const marks = columns.map((column, index) => {
    const cell = cells[index] ?? null;
    return cell === null ? "NULL" : mark(values.push(parameter(cell, column)));
  });
  return { marks, values };
}

/** The driver knows the type of each parameter, and turns texts into it. */
function parameter(cell: string | null, column: Column | undefined): Cell {
  return cell !== null && column?.codec.matching === "binary" ? Buffer.from(cell, "hex") : cell;
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
    values: rows.flatMap((row) => columns.map((column, index) => parameter(row[index] ?? null, column))),
  };
}

function noLists(): StoreError {
  return new StoreError("Invalid", "a column holds one value here");
}
