import type { StateError } from "./errors.ts";
import type { Row, Table, Value } from "./table.ts";

/** A list is the argument of `among`. */
export type Parameter = Value | readonly string[];

/**
 * What the state needs of a database, so that its code is written once. SQL is what SQLite and Postgres both understand, with `?`
 * for parameters. Every failure that a person can do something about is a `StateError`.
 */
export interface Database {
  /** For people: the file, or the URL without its password. */
  readonly place: string;
  /** Whether there is a state in it. */
  exists(): Promise<boolean>;
  /**
   * Becomes its one writing process until it ends or closes; false where another one is. With `takeOver` the other one is cut off,
   * where the database can do that.
   */
  lock(takeOver: boolean): Promise<boolean>;
  /** Sees everything that was written before. */
  read(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>;
  /**
   * One transaction, on disk when this returns. Not to be called while another call of it is under way. `Locked` where the lock was
   * lost and another one has it.
   */
  write(steps: readonly Step[]): Promise<void>;
  /** SQL for "the column's value is in the list given as parameter". */
  among(column: string): string;
  close(): Promise<void>;
}

/** A part of a transaction. */
export type Step = SchemaStep | SqlStep | RowsStep;

export interface SchemaStep {
  readonly kind: "schema";
  /** SQLite's and Postgres' common ground; `sequence` as a column's type is a number that counts up by itself. */
  readonly sql: string;
}

export interface SqlStep {
  readonly kind: "sql";
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** Thrown when not a single row was changed. */
  readonly otherwise?: StateError;
}

export interface RowsStep {
  readonly kind: "put" | "drop";
  readonly table: Pick<Table<never>, "name" | "columns" | "key" | "keeps">;
  /** The columns that the rows have, in this order. */
  readonly columns: readonly string[];
  readonly count: number;
  /** Made only when its turn comes, so that a long list does not block the process. */
  readonly row: (index: number) => readonly Value[];
}

export function sql(text: string, ...parameters: readonly Parameter[]): SqlStep {
  return { kind: "sql", sql: text, parameters };
}

/** Adds the items, or replaces those with the same key. Of several with one key the last is kept. */
export function put<T>(table: Table<T>, items: readonly T[] = []): RowsStep {
  const columns = Object.keys(table.columns);
  return { kind: "put", table, columns, count: items.length, row: (index) => table.encode(items[index]!) };
}

/** Removes the rows with these values in these columns. */
export function drop<T>(
  table: Table<T>,
  columns: readonly string[],
  rows: readonly (readonly Value[])[] = [],
): RowsStep {
  return { kind: "drop", table, columns, count: rows.length, row: (index) => rows[index]! };
}

/** The INSERT of a put, its rows coming from `source`: a VALUES or a SELECT. */
export function insertSql({ table, columns }: RowsStep, source: string): string {
  const insert = `INSERT INTO ${table.name} (${columns.join(", ")}) ${source}`;
  if (table.key.length === 0) return insert;
  const kept = new Set([...table.key, ...(table.keeps ?? [])]);
  const sets = columns
    .filter((column) => !kept.has(column))
    .map((column) => `${column} = excluded.${column}`);
  return `${insert} ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${sets.join(", ")}`;
}
