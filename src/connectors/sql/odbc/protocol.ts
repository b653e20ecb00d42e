import type { Cell } from "../codec.ts";
import type { Query } from "../dialect.ts";

/** What the process that holds an ODBC connection is asked, one thing at a time. */
export type Request =
  | Connect
  | ({ readonly do: "query" } & Query)
  /** Runs a SELECT; its rows come by `fetch`. */
  | { readonly do: "open"; readonly text: string }
  | { readonly do: "fetch" }
  | { readonly do: "begin" | "commit" | "rollback" }
  | Describe;

/** What the driver knows of the tables of this name: their columns (SQLColumns) or primary keys (SQLPrimaryKeys). */
export interface Describe {
  readonly do: "columns" | "keys";
  readonly table: string;
  /** Undefined: where an unqualified name leads. */
  readonly schema: string | undefined;
}

export interface Connect {
  readonly do: "connect";
  readonly connection: string;
  /** Statements that set the connection up. */
  readonly session: readonly string[];
  /** Seconds for the log-in, where the driver heeds them. */
  readonly patience: number;
}

export type Answer = Rows | Failure;

export interface Rows {
  readonly rows: readonly (readonly Cell[])[];
  /** Rows returned or changed. */
  readonly count: number;
  readonly columns: readonly ResultColumn[];
  /** There are no more. */
  readonly done: boolean;
}

/** A column of a result, as SQLDescribeCol tells it. */
export interface ResultColumn {
  readonly name: string;
  /** SQL's number of the type (sql.h, sqlext.h). */
  readonly type: number;
  /** Characters of a text, bytes of a binary value, digits of a number; 0 where the driver does not know. */
  readonly size: number;
}

export interface Failure {
  readonly failed: true;
  readonly message: string;
  /** What each diagnostic record says (SQLGetDiagRec); empty where it was not the driver that failed. */
  readonly records: readonly Diagnostic[];
  /** Whether npm's `odbc` could not even be loaded. */
  readonly missing: boolean;
  /** Whether the connection answered afterwards. */
  readonly alive: boolean;
}

export interface Diagnostic {
  readonly state: string;
  /** The database's own number. */
  readonly code: number;
  readonly message: string;
}
