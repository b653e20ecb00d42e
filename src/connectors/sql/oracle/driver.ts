/** What is used of npm's `oracledb`, in its thin mode. */
export interface OracleDb {
  readonly STRING: object;
  readonly BUFFER: object;
  readonly OUT_FORMAT_ARRAY: number;
  getConnection(config: object): Promise<OracleConnection>;
}

export interface OracleConnection {
  execute(text: string, values: readonly unknown[], options: object): Promise<OracleResult>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** `drop` ends it without waiting for what is under way. */
  close(options: { readonly drop: boolean }): Promise<void>;
  isHealthy(): boolean;
}

export interface OracleResult {
  readonly rows?: readonly (readonly unknown[])[];
  readonly rowsAffected?: number;
  readonly metaData?: readonly OracleColumn[];
  readonly resultSet?: {
    getRows(count: number): Promise<readonly (readonly unknown[])[]>;
    close(): Promise<void>;
  };
}

export interface OracleColumn {
  readonly name: string;
  /** `VARCHAR2`, `NUMBER`, … */
  readonly dbTypeName: string;
  readonly byteSize?: number;
  readonly precision?: number;
  readonly scale?: number;
}
