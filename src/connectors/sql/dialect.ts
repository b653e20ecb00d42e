import type { Cell, Codec } from "./codec.ts";

/** SQL text with the values for its placeholders, in order. */
export interface Query {
  readonly text: string;
  readonly values: readonly Cell[];
  /** What is sent after it, where it reads rows (PostgreSQL, COPY FROM STDIN). */
  readonly input?: string;
  /** A statement of the manifest's. It may set anything in the session it runs in, which is nobody else's afterwards. */
  readonly own?: boolean;
}

/** A statement that changes rows. */
export interface Write extends Query {
  /** How many it must touch; undefined where it may leave some out. */
  readonly rows: number | undefined;
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

type Cells = readonly (string | null)[];

/** How many rows are written: by one statement where the database can, by one a row where it cannot. Tables come quoted. */
export interface Writes {
  /** Which of them can tell what they left in the rows. Otherwise the rows are read again in the same transaction. */
  readonly returning: { readonly insert: boolean; readonly update: boolean };
  /** Whether an insert can leave out the rows whose key is taken. */
  readonly skips: boolean;
  /** What stands before a column's name in the statements of `touch`. */
  readonly own: "t." | "";
  /** `returned` (a list for RETURNING) only where the dialect has it, `skipTaken` only where it skips. */
  insert(
    table: string,
    columns: readonly Column[],
    rows: readonly Cells[],
    options: { readonly returned?: string; readonly skipTaken?: boolean },
  ): readonly Write[];
  /** Sets the columns of the rows known by an id: the first column, and the first cell of each row. */
  update(
    table: string,
    columns: readonly [id: Column, ...Column[]],
    rows: readonly Cells[],
    returned: string,
  ): readonly Write[];
  /** Does one thing to all rows whose key is one of these, and which meet the condition: `set`, or deletes them. */
  touch(
    table: string,
    set: string | undefined,
    key: Column,
    cells: Cells,
    condition?: string,
  ): readonly Write[];
}

/** Rows of a FROM item called `t`, looked for by what some of its columns hold. */
export interface LookUp {
  /** A list for SELECT. */
  readonly what: string;
  readonly from: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** The number of the row that was asked for, from 1, comes before what was selected. */
  readonly numbered?: boolean;
  readonly condition?: string;
  /** An order, a lock. Where there are several queries, each has it. */
  readonly tail?: string;
}

export interface Lists {
  /** In a column made for it: an array, a JSON array. */
  readonly array: ListSyntax;
  /** In a text, with something between them. */
  delimited(delimiter: string): ListSyntax;
}

/** What tells one database from another, as data: statements are put together from these and are otherwise the same. */
export interface Dialect extends Writes {
  /** Whether `Mail` and `mail` are one column. */
  readonly columnNames: "caseIgnore" | "caseExact";
  /** Rows in one statement: large enough to be quick, small enough not to hold the process up. */
  readonly batch: number;
  /** One query where the database can be asked for many rows at once, more where it cannot. */
  lookUp(asked: LookUp): readonly Query[];
  placeholder(position: number): string;
  /** A text expression as a value of the column's type. */
  cast(expression: string, column: Column): string;
  /** A parameter of an own statement, whose type the database finds out by itself. */
  bare(expression: string, column: Column | undefined): string;
  /** What that parameter is sent as. Default: the text. */
  readonly sent?: (cell: string | null, column: Column | undefined) => Cell;
  pack(values: readonly string[], column: Column): string;
  unpack(cell: Exclude<Cell, null>, column: Column): readonly Cell[];
  /** An aggregate of texts that does not depend on their order, or undefined where the connector computes it while reading. */
  readonly membersVersion: ((expression: string) => string) | undefined;
  readonly lockRows: string;
  readonly now: string;
  /** Undefined where the database has no way to take a column with several values apart. */
  readonly lists: Lists | undefined;
}
