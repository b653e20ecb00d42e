import type { Call } from "../contract.ts";
import type { Cell } from "./codec.ts";
import type { Column, Dialect, Query } from "./dialect.ts";

export type Row = readonly Cell[];

export interface Result {
  readonly rows: readonly Row[];
  /** Rows returned or changed. */
  readonly count: number;
}

/** Whether a refused statement undoes the whole transaction, or can be undone alone. Savepoints cost as much as rows do. */
export type Mode = "Whole" | "Savepoints";

/** A transaction under way. */
export interface Session {
  readonly mode: Mode;
  query(query: Query): Promise<Result>;
  /** Does the work, or undoes all of it and throws. */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

export type Isolation = "ReadCommitted" | "RepeatableRead";

/** How a row's version is read, which must change with the row, and tell nothing of what stands in it. */
export interface RowVersion {
  /** SQL of the row called `t`. */
  readonly read: readonly string[];
  /** In RETURNING, without `t`: SQL of one value, which is what `read` gives. */
  readonly returned: string;
  of(cells: readonly Cell[]): string;
  /**
   * The versions that new rows get, where nothing but what is sent decides what stands in them, and in their key: then nobody has to ask what
   * became of each. Undefined where something else may.
   */
  foresee?(session: Session, made: NewRows): Promise<readonly string[] | undefined>;
}

export interface NewRows {
  readonly key: Column;
  readonly columns: readonly Column[];
  /** What is sent for them. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What a FROM item has. */
export interface Relation {
  readonly columns: readonly Column[];
  readonly version: RowVersion;
  /** What RETURNING says may not be what stays: triggers, rules, views. */
  readonly rewrites: boolean;
  /** Columns with a unique index of their own, or undefined where that cannot be known. */
  readonly unique: ReadonlySet<string> | undefined;
  /** What to speak to it in, where that is not as to every other. */
  readonly dialect?: Dialect;
}

/** One database, as every driver shows it. Everything throws `SqlError`. */
export interface Database {
  readonly dialect: Dialect;
  query(query: Query, call: Call): Promise<Result>;
  /** All rows of a statement without parameters, page by page; ends only when they were all there. */
  stream(text: string, call: Call): AsyncIterable<readonly Row[]>;
  /**
   * Commits when `work` is done, undoes it all when it throws. Throws `InDoubt` when the commit was sent and not answered.
   */
  transaction<T>(
    isolation: Isolation,
    mode: Mode,
    call: Call,
    work: (session: Session) => Promise<T>,
  ): Promise<T>;
  /** A table or view by its quoted name; throws `Invalid` when it is not there. */
  describeTable(name: string, call: Call): Promise<Relation>;
  describeQuery(text: string, call: Call): Promise<Relation>;
  server(call: Call): Promise<string>;
  fingerprint(call: Call): Promise<string>;
  /** Changes whenever anything in the database does; undefined where the server cannot tell. */
  marker(call: Call): Promise<string | undefined>;
  close(): Promise<void>;
}
