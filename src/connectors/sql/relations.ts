import type { Column, LookUp, Query } from "./dialect.ts";
import { quoteIdentifier } from "./names.ts";

/** How a database takes a batch of rows in one statement. */
export interface Relations {
  /** A FROM item called `q`, with its columns `rollcall_0`, … (texts) and `rollcall_n` (the row's number, from 1). */
  relation(rows: readonly (readonly (string | null)[])[], width: number): Query;
  /** A text expression as a value of the column's type. */
  cast(expression: string, column: Column): string;
  /** Equality under the column's own rule; `value` is a text expression. */
  equals(expression: string, value: string, column: Column): string;
}

/** The column of the relation `q`. */
export function given(index: number): string {
  return `q.rollcall_${index}`;
}

/** Looks many rows up in one query. */
export function relationLookUp({ relation, equals }: Relations): (asked: LookUp) => readonly [Query] {
  return ({ what, from, columns, rows, numbered, condition, tail = "" }) => {
    const { text, values } = relation(rows, columns.length);
    const equal = columns.map((one, index) => equals(`t.${quoteIdentifier(one.name)}`, given(index), one));
    const where = [...equal, ...(condition ? [condition] : [])].join(" AND ");
    const number = numbered ? `q.rollcall_n, ` : "";
    return [
      { text: `SELECT ${number}${what} FROM ${text} CROSS JOIN ${from} WHERE ${where}${tail}`, values },
    ];
  };
}
