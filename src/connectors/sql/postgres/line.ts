import { Socket } from "node:net";
import { finished } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { Cell } from "../codec.ts";
import type { Isolation, Result, Row } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, fromPostgres, inDoubt, SqlError } from "../errors.ts";
import type { SqlLine } from "../line-session.ts";
import { decodeCopy } from "./copy.ts";

const levels: Readonly<Record<Isolation, string>> = {
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
};

/** One connection. Its socket is ours, so that its end ends every call. */
export class PostgresLine implements SqlLine {
  readonly #client: pg.Client;
  readonly #socket: Socket;

  private constructor(client: pg.Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
  }

  static async open(config: pg.ClientConfig, signal: AbortSignal): Promise<PostgresLine> {
    const socket = new Socket();
    const client = new pg.Client({ ...config, stream: () => socket });
    // A broken connection fails its query; without a listener it would end the process as well.
    client.on("error", () => undefined);
    const line = new PostgresLine(client, socket);
    try {
      await line.#during(signal, () => client.connect());
      return line;
    } catch (error) {
      line.destroy();
      throw error;
    }
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  async run({ text, values, input }: Query, signal: AbortSignal): Promise<Result> {
    if (input !== undefined) return this.#during(signal, () => this.#copy(text, input));
    const query = { text, values: [...values], rowMode: "array" as const };
    const { rows, rowCount } = await this.#during(signal, () => this.#client.query<Cell[]>(query));
    return { rows, count: rowCount ?? 0 };
  }

  /** The columns of a SELECT's result. */
  async fields(text: string, signal: AbortSignal): Promise<readonly pg.FieldDef[]> {
    return (await this.#during(signal, () => this.#client.query(text))).fields;
  }

  async *pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]> {
    const abort = () => this.destroy();
    signal.addEventListener("abort", abort);
    try {
      const copy = this.#client.query(copyTo(`COPY (${text}) TO STDOUT`));
      let rows = 0;
      for await (const page of decodeCopy(copy)) {
        rows += page.length;
        yield page;
        await setImmediate();
      }
      // What follows the last row, the count, comes before the answer to this.
      await this.#client.query("SELECT 1");
      if (copy.rowCount !== rows) throw short(rows, copy.rowCount);
    } catch (error) {
      throw signal.aborted ? abortedCall() : fromPostgres(error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async begin(signal: AbortSignal, isolation: Isolation): Promise<void> {
    const text = `BEGIN ISOLATION LEVEL ${levels[isolation]}; SET CONSTRAINTS ALL IMMEDIATE`;
    await this.#during(signal, () => this.#client.query(text));
  }

  async commit(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedCall();
    const { command } = await this.#during(signal, () => this.#client.query("COMMIT")).catch(inDoubt);
    if (command !== "COMMIT")
      throw new SqlError("Retryable", "Statement", "the server rolled the transaction back");
  }

  async rollback(signal: AbortSignal): Promise<void> {
    await this.#during(signal, () => this.#client.query("ROLLBACK"));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #copy(text: string, input: string): Promise<Result> {
    const copy = this.#client.query(copyFrom(text));
    copy.end(input);
    await finished(copy);
    return { rows: [], count: copy.rowCount };
  }

  async #during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw abortedCall();
    const abort = () => this.destroy();
    signal.addEventListener("abort", abort);
    try {
      return await work();
    } catch (error) {
      throw signal.aborted ? abortedCall() : fromPostgres(error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

function short(rows: number, told: number | null): SqlError {
  return new SqlError("Unavailable", "Connection", `got ${rows} of ${told} rows`);
}
