import type { Cell, Codec } from "./codec.ts";

/** SQL text with the values for its placeholders, in order. */
export interface Query {
  readonly text: string;
  readonly values: readonly Cell[];
}

/** A column as the connector needs to know it. */
export interface Column {
  readonly name: string;
  readonly codec: Codec;
  /** The type to cast to, without its length: a cast would cut a text silently, an assignment refuses it. */
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** The database makes its values. */
  readonly generated: boolean;
  readonly maxLength?: number;
}

/** How a text column or an array column holds several values, as SQL around the column and a value. */
export interface ListSyntax {
  /** A FROM item with a row for each, and what that row's value is called. */
  rows(column: string): string;
  readonly element: string;
  has(column: string, value: string): string;
  add(column: string, value: string): string;
  remove(column: string, value: string): string;
}

/**
 * What tells one database from another, as data: statements are put together from these and are otherwise the same. A
 * batch of rows is handed over as the relation `q`, with its columns `rollcall_0`, … (texts) and `rollcall_n` (the row's number).
 */
export interface Dialect {
  readonly name: "postgres" | "sqlite";
  /** Whether `Mail` and `mail` are one column. */
  readonly columnNames: "caseIgnore" | "caseExact";
  /** Rows in one statement: large enough to be quick, small enough not to hold the process up. */
  readonly batch: number;
  relation(rows: readonly (readonly (string | null)[])[], width: number): Query;
  placeholder(position: number): string;
  /** A text expression as a value of the column's type. */
  cast(expression: string, column: Column): string;
  /** A parameter of an own statement, whose type the database finds out by itself. */
  bare(expression: string, column: Column | undefined): string;
  pack(values: readonly string[], column: Column): string;
  unpack(cell: Exclude<Cell, null>, column: Column): readonly Cell[];
  /** Equality under the column's own rule; `value` is a text expression. */
  equals(expression: string, value: string, column: Column): string;
  /** An aggregate of texts that does not depend on their order, or undefined where the connector computes it while reading. */
  readonly membersVersion: ((expression: string) => string) | undefined;
  readonly lockRows: string;
  readonly now: string;
  readonly array: ListSyntax;
  delimited(delimiter: string): ListSyntax;
}

/** The column of the relation `q`. */
export function given(index: number): string {
  return `q.rollcall_${index}`;
}
