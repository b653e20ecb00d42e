import type { Cell } from "../codec.ts";
import type { Result, Row } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, inDoubt } from "../errors.ts";
import type { SqlLine } from "../line-session.ts";
import { mayBeRounded } from "../rounded.ts";
import type { Tedious, TediousCell, TediousColumn, TediousConnection } from "./driver.ts";
import { fromSqlServer } from "./errors.ts";

const pageSize = 500;

/** One connection to SQL Server. Its parameters are called `@p1`, … */
export class SqlServerLine implements SqlLine {
  readonly #driver: Tedious;
  readonly #connection: TediousConnection;
  #open = true;

  private constructor(driver: Tedious, connection: TediousConnection) {
    this.#driver = driver;
    this.#connection = connection;
    connection.on("end", () => {
      this.#open = false;
    });
    // It fails what is under way as well; without a listener it would end the process.
    connection.on("error", () => undefined);
  }

  static async open(driver: Tedious, config: object, signal: AbortSignal): Promise<SqlServerLine> {
    const connection = new driver.Connection(config);
    const line = new SqlServerLine(driver, connection);
    await line.#until(signal, (done) => connection.connect(done));
    return line;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  async run({ text, values }: Query, signal: AbortSignal): Promise<Result> {
    const rows: Row[] = [];
    const columns: TediousColumn[] = [];
    const count = await this.#request(text, values, signal, (row) => rows.push(row), columns);
    return { rows, count: columns.length > 0 ? rows.length : count };
  }

  /** The columns of a SELECT's result. */
  async columns(text: string, signal: AbortSignal): Promise<readonly TediousColumn[]> {
    const columns: TediousColumn[] = [];
    await this.#request(text, [], signal, () => undefined, columns);
    return columns;
  }

  /** Rows are kept until they are asked for: a page at a time, while the server waits. */
  async *pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]> {
    let page: Row[] = [];
    let wake: () => void = () => undefined;
    let resume: () => void = () => undefined;
    let ended = false;
    const all = this.#request(text, [], signal, (row, request) => {
      page.push(row);
      if (page.length < pageSize) return;
      request.pause();
      resume = () => request.resume();
      wake();
    }).finally(() => {
      ended = true;
      wake();
    });
    all.catch(() => undefined);
    while (!ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ended || page.length >= pageSize) resolve();
      });
      const full = page;
      page = [];
      if (!ended) yield full;
      else if (full.length > 0) {
        await all;
        yield full;
      }
      resume();
    }
    await all;
  }

  begin(signal: AbortSignal): Promise<void> {
    const { SERIALIZABLE } = this.#driver.ISOLATION_LEVEL;
    return this.#until(signal, (done) => this.#connection.beginTransaction(done, "", SERIALIZABLE));
  }

  commit(signal: AbortSignal): Promise<void> {
    return this.#until(signal, (done) => this.#connection.commitTransaction(done)).catch(inDoubt);
  }

  rollback(signal: AbortSignal): Promise<void> {
    return this.#until(signal, (done) => this.#connection.rollbackTransaction(done));
  }

  destroy(): void {
    this.#open = false;
    this.#connection.close();
  }

  async #request(
    text: string,
    values: readonly Cell[],
    signal: AbortSignal,
    take: (row: Row, request: { pause(): void; resume(): void }) => void,
    columns: TediousColumn[] = [],
  ): Promise<number> {
    const { Request, TYPES } = this.#driver;
    let count = 0;
    let bad: unknown;
    await this.#until(signal, (done) => {
      const request = new Request(text, (error, rows) => {
        count = rows;
        done(error);
      });
      values.forEach((value, index) => {
        const type = value instanceof Uint8Array ? TYPES.VarBinary : TYPES.NVarChar;
        request.addParameter(`p${index + 1}`, type, value);
      });
      request.on("columnMetadata", (found) => columns.push(...found));
      request.on("row", (cells) => {
        try {
          take(cells.map(shown), request);
        } catch (error) {
          bad = error;
        }
      });
      this.#connection.execSql(request);
    });
    if (bad !== undefined) throw fromSqlServer(bad);
    return count;
  }

  #until(signal: AbortSignal, start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.destroy();
        reject(abortedCall());
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      start((error) => {
        signal.removeEventListener("abort", abort);
        if (error) reject(fromSqlServer(error));
        else resolve();
      });
    });
  }
}

/** The driver's value as a text that means the same: instants are in UTC. */
export function shown({ value, metadata }: TediousCell): Cell {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) {
    const text = value.toISOString();
    if (metadata.type.name === "Date") return text.slice(0, 10);
    return metadata.type.name === "Time" ? text.slice(11, -1) : text;
  }
  if (typeof value === "number" && exact.test(metadata.type.name) && mayBeRounded(value))
    throw new Error(
      `cannot read column ${metadata.colName}: a value of it has more digits than the driver can read`,
    );
  return typeof value === "number" ? value : String(value);
}

const exact = /^(Numeric|Decimal|Money|SmallMoney)N?$/;
