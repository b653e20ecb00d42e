import type { Cell } from "../codec.ts";

/** What is used of npm's `odbc`, whose own types leave some of it out. */
export interface OdbcModule {
  readonly SQL_TXN_SERIALIZABLE: number;
  connect(options: {
    readonly connectionString: string;
    /** Seconds. */
    readonly loginTimeout: number;
    /** Rows come as lists: two columns may have one name. */
    readonly fetchArray: true;
  }): Promise<OdbcConnection>;
}

export interface OdbcConnection {
  query(text: string, values: readonly Cell[], options: ReadOptions): Promise<OdbcRows>;
  query(text: string, options: ReadOptions & { readonly cursor: true }): Promise<OdbcCursor>;
  /** Both take patterns, and null for whatever it is. */
  columns(catalog: string | null, schema: string | null, table: string, column: null): Promise<OdbcRows>;
  tables(catalog: null, schema: null, table: string, type: null): Promise<OdbcRows>;
  primaryKeys(catalog: string | null, schema: string | null, table: string): Promise<OdbcRows>;
  setIsolationLevel(level: number): Promise<void>;
  beginTransaction(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface ReadOptions {
  readonly fetchSize?: number;
  readonly initialBufferSize: number;
}

export interface OdbcCursor {
  readonly noData: boolean;
  fetch(): Promise<OdbcRows>;
  close(): Promise<void>;
}

export interface OdbcRows extends Array<readonly (Cell | ArrayBuffer)[]> {
  /** Rows changed; of a SELECT whatever the driver likes. */
  readonly count: number;
  readonly columns: readonly {
    readonly name: string;
    readonly dataType: number;
    readonly columnSize: number;
  }[];
}

/** Its native part is loaded with it. Throws when either is not there. */
export async function loadOdbc(): Promise<OdbcModule> {
  const { default: module } = (await import("odbc")) as unknown as { default: OdbcModule };
  return module;
}
