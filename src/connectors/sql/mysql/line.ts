import { connect, type Socket } from "node:net";
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type FieldPacket,
  type ResultSetHeader,
} from "mysql2";
import type { Isolation, Result, Row } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, inDoubt, SqlError } from "../errors.ts";
import type { SqlLine } from "../line-session.ts";
import { fromMysql, isAnswer } from "./errors.ts";
import { readPages } from "./pages.ts";

/** InnoDB's repeatable read lets an update overwrite what it does not see; in a serializable transaction reading locks. */
const levels: Readonly<Record<Isolation, string>> = {
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "SERIALIZABLE",
};

type Answer = readonly [rows: unknown, fields: readonly FieldPacket[]];

/**
 * One connection. The driver leaves some of what it was asked unanswered when its socket closes, and goes on reading what was given
 * up; so the socket is ours, and its end ends every call.
 */
export class MysqlLine implements SqlLine {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #lost: AbortSignal;

  private constructor(connection: Connection, socket: Socket, lost: AbortSignal) {
    this.#connection = connection;
    this.#socket = socket;
    this.#lost = lost;
  }

  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<MysqlLine> {
    const { host = "", port = 3306, socketPath } = options;
    const socket = connect(socketPath === undefined ? { host, port } : { path: socketPath });
    socket.setNoDelay(true).setKeepAlive(true);
    const lost = new AbortController();
    socket.once("close", () => lost.abort());
    try {
      const connection = createConnection({ ...options, stream: () => socket });
      // A broken connection fails its query; without a listener it would end the process as well.
      connection.on("error", () => undefined);
      const opening = new Promise<void>((resolve, reject) =>
        connection.connect((error) => (error ? reject(error) : resolve())),
      );
      await until(AbortSignal.any([signal, lost.signal]), opening, signal);
      return new MysqlLine(connection, socket, lost.signal);
    } catch (error) {
      socket.destroy();
      throw fromMysql(error);
    }
  }

  get isOpen(): boolean {
    return !this.#lost.aborted;
  }

  /**
   * Runs a statement. With parameters it is prepared; without it goes as a text, whose results are texts too (a prepared FLOAT comes
   * back as another number than it is printed).
   */
  async run({ text, values }: Query, signal: AbortSignal): Promise<Result> {
    const [rows] = await this.#ask(text, values, signal);
    return resultOf(rows);
  }

  /** Whether a transaction is under way, as the server says in an answer without rows ("Protocol::OK_Packet"). */
  async isInTransaction(signal: AbortSignal): Promise<boolean> {
    const [header] = await this.#ask("DO 0", [], signal);
    return ((header as ResultSetHeader).serverStatus & 1) !== 0;
  }

  /** The columns of a SELECT's result, which is thrown away. */
  async fields(text: string, signal: AbortSignal): Promise<readonly FieldPacket[]> {
    const [, fields] = await this.#ask(text, [], signal);
    return fields;
  }

  async begin(signal: AbortSignal, isolation: Isolation): Promise<void> {
    await this.#ask(`SET TRANSACTION ISOLATION LEVEL ${levels[isolation]}`, [], signal);
    await this.#ask("START TRANSACTION", [], signal);
  }

  async commit(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedCall();
    await this.#send("COMMIT", [], signal).catch((error: unknown) => {
      inDoubt(fromMysql(error), isAnswer(error));
    });
  }

  async rollback(signal: AbortSignal): Promise<void> {
    await this.#ask("ROLLBACK", [], signal);
  }

  /** All rows, page by page. It ends only after the server said that there are no more. */
  async *pages(sql: string, signal: AbortSignal): AsyncIterable<readonly Row[]> {
    try {
      yield* readPages(this.#connection, sql, this.#gone(signal));
    } catch (error) {
      throw signal.aborted ? endOf(signal) : fromMysql(error);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #ask(sql: string, values: Query["values"], signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#send(sql, values, signal);
    } catch (error) {
      throw fromMysql(error);
    }
  }

  #send(sql: string, values: Query["values"], signal: AbortSignal): Promise<Answer> {
    const options = { sql, rowsAsArray: true };
    const answer =
      values.length === 0
        ? this.#connection.promise().query(options)
        : this.#connection.promise().execute(options, [...values] as string[]);
    return until(this.#gone(signal), answer as Promise<Answer>, signal);
  }

  #gone(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#lost]);
  }
}

function until<T>(gone: AbortSignal, work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(endOf(signal));
    if (gone.aborted) abort();
    gone.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => gone.removeEventListener("abort", abort));
  });
}

/** What ended it: who called, or the other side. */
function endOf(signal: AbortSignal): SqlError {
  return signal.aborted
    ? abortedCall()
    : new SqlError("Unavailable", "Connection", "the connection was lost");
}

/** A procedure's results are a list: what it selected, and last what it changed. */
function resultOf(answer: unknown): Result {
  if (!Array.isArray(answer)) return { rows: [], count: affected(answer) };
  const last: unknown = answer.at(-1);
  if (last !== undefined && !Array.isArray(last)) return { rows: [], count: affected(last) };
  return { rows: answer as Row[], count: answer.length };
}

function affected(header: unknown): number {
  return Number((header as { affectedRows?: number } | null)?.affectedRows ?? 0);
}
