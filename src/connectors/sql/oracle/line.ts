import type { Cell } from "../codec.ts";
import type { Result, Row } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, inDoubt } from "../errors.ts";
import type { SqlLine } from "../line-session.ts";
import type { OracleColumn, OracleConnection, OracleDb, OracleResult } from "./driver.ts";
import { fromOracle } from "./errors.ts";

const pageSize = 500;

/** Texts that mean the same on every server, whatever its settings; what is read and written in them is in UTC. */
const settings = [
  "ALTER SESSION SET TIME_ZONE = '+00:00'",
  "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,'",
  `ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'`,
  `ALTER SESSION SET NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF"Z"'`,
  `ALTER SESSION SET NLS_TIMESTAMP_TZ_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FFTZH:TZM'`,
];

/** One connection to Oracle. Its parameters are called `:1`, … */
export class OracleLine implements SqlLine {
  readonly #driver: OracleDb;
  readonly #connection: OracleConnection;
  #begun = false;
  #open = true;

  private constructor(driver: OracleDb, connection: OracleConnection) {
    this.#driver = driver;
    this.#connection = connection;
  }

  static async open(driver: OracleDb, config: object, signal: AbortSignal): Promise<OracleLine> {
    try {
      const line = new OracleLine(driver, await driver.getConnection(config));
      for (const text of settings) await line.run({ text, values: [] }, signal);
      return line;
    } catch (error) {
      throw fromOracle(error);
    }
  }

  get isOpen(): boolean {
    return this.#open && this.#connection.isHealthy();
  }

  async run({ text, values }: Query, signal: AbortSignal): Promise<Result> {
    const result = await this.#execute(text, values, {}, signal);
    const rows = (result.rows ?? []).map(shown);
    return { rows, count: result.metaData ? rows.length : (result.rowsAffected ?? 0) };
  }

  /** The columns of a SELECT's result. */
  async columns(text: string, signal: AbortSignal): Promise<readonly OracleColumn[]> {
    return (await this.#execute(text, [], {}, signal)).metaData ?? [];
  }

  async *pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]> {
    const { resultSet } = await this.#execute(text, [], { resultSet: true }, signal);
    for (;;) {
      const rows = await this.#until(signal, resultSet!.getRows(pageSize));
      if (rows.length === 0) break;
      yield rows.map(shown);
    }
    await this.#until(signal, resultSet!.close());
  }

  async begin(signal: AbortSignal): Promise<void> {
    this.#begun = true;
    await this.#execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", [], {}, signal);
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.#until(signal, this.#connection.commit()).catch(inDoubt);
    this.#begun = false;
  }

  async rollback(signal: AbortSignal): Promise<void> {
    this.#begun = false;
    await this.#until(signal, this.#connection.rollback());
  }

  destroy(): void {
    this.#open = false;
    this.#connection.close({ drop: true }).catch(() => undefined);
  }

  #execute(text: string, values: Query["values"], more: object, signal: AbortSignal): Promise<OracleResult> {
    const { STRING, BUFFER, OUT_FORMAT_ARRAY } = this.#driver;
    const options = {
      outFormat: OUT_FORMAT_ARRAY,
      autoCommit: !this.#begun,
      // Everything as its text, so that no number is rounded, but bytes as bytes.
      fetchTypeHandler: ({ dbTypeName }: OracleColumn) => ({
        type: /^(RAW|LONG RAW|BLOB)$/.test(dbTypeName) ? BUFFER : STRING,
      }),
      ...more,
    };
    return this.#until(signal, this.#connection.execute(text, values, options));
  }

  #until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.destroy();
        reject(abortedCall());
      };
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
      work
        .then(resolve, (error: unknown) => reject(fromOracle(error)))
        .finally(() => signal.removeEventListener("abort", abort));
    });
  }
}

function shown(row: readonly unknown[]): Row {
  return row.map((value): Cell => {
    if (value === null || value === undefined) return null;
    return value instanceof Uint8Array ? value : String(value);
  });
}
