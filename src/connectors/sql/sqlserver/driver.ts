/** What is used of npm's `tedious`. */
export interface Tedious {
  readonly Connection: new (config: object) => TediousConnection;
  readonly Request: new (text: string, done: (error: Error | null, rows: number) => void) => TediousRequest;
  readonly TYPES: { readonly NVarChar: object; readonly VarBinary: object };
  readonly ISOLATION_LEVEL: { readonly SERIALIZABLE: number };
}

type Done = (error?: Error | null) => void;

export interface TediousConnection {
  connect(done: Done): void;
  execSql(request: TediousRequest): void;
  beginTransaction(done: Done, name: string, isolation: number): void;
  commitTransaction(done: Done): void;
  rollbackTransaction(done: Done): void;
  /** Drops the connection; what is under way fails. */
  close(): void;
  on(event: "error" | "end", listener: (error?: Error) => void): void;
}

export interface TediousRequest {
  addParameter(name: string, type: object, value: unknown): void;
  pause(): void;
  resume(): void;
  on(event: "row", listener: (columns: readonly TediousCell[]) => void): void;
  on(event: "columnMetadata", listener: (columns: readonly TediousColumn[]) => void): void;
}

export interface TediousCell {
  readonly value: unknown;
  readonly metadata: TediousColumn;
}

export interface TediousColumn {
  readonly colName: string;
  readonly type: { readonly name: string };
}
