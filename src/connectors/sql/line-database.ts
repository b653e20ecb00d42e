import type { Call } from "../contract.ts";
import { takingTurns } from "../turns.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "./database.ts";
import type { Dialect, Query } from "./dialect.ts";
import { asSqlError } from "./errors.ts";
import { LinePool } from "./line-pool.ts";
import { LineSession, type Savepoints, type SqlLine } from "./line-session.ts";

/** What databases have in common whose connections are kept in a small pool of ours. */
export abstract class LineDatabase<L extends SqlLine> implements Database {
  abstract readonly dialect: Dialect;
  protected readonly savepoints: Savepoints = {
    set: "SAVEPOINT rollcall",
    undo: "ROLLBACK TO SAVEPOINT rollcall",
  };
  /** One transaction at a time: serializable ones that read the same table would make each other fail. */
  protected readonly turn: <T>(work: () => Promise<T>) => Promise<T> = takingTurns();
  readonly #pool: LinePool<L>;
  readonly #spoiled = new WeakSet<L>();

  constructor(open: (signal: AbortSignal) => Promise<L>) {
    this.#pool = new LinePool(open);
  }

  abstract describeTable(name: string, call: Call): Promise<Relation>;
  abstract describeQuery(text: string, call: Call): Promise<Relation>;
  abstract server(call: Call): Promise<string>;
  abstract fingerprint(call: Call): Promise<string>;

  query(query: Query, call: Call): Promise<Result> {
    return this.with(call, (line) => line.run(query, call.signal));
  }

  async *stream(text: string, call: Call): AsyncIterable<readonly Row[]> {
    const line = await this.#pool.acquire(call.signal);
    let complete = false;
    try {
      yield* line.pages(text, call.signal);
      complete = true;
    } finally {
      this.#pool.release(line, complete);
    }
  }

  transaction<T>(
    isolation: Isolation,
    mode: Mode,
    call: Call,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const transact = async (line: L) => {
      await line.begin(call.signal, isolation);
      const session = new LineSession(line, mode, this.savepoints, call);
      try {
        const result = await work(session);
        await session.commit();
        return result;
      } catch (error) {
        if (asSqlError(error).scope !== "Connection") await session.rollback();
        throw error;
      } finally {
        if (session.ranOwn) this.#spoiled.add(line);
      }
    };
    return this.turn(() => this.with(call, transact));
  }

  async marker(_: Call): Promise<string | undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  /** The one cell that a SELECT gives. */
  protected async ask(text: string, call: Call): Promise<string> {
    const { rows } = await this.query({ text, values: [] }, call);
    return String(rows[0]?.[0]);
  }

  protected async with<T>(call: Call, work: (line: L) => Promise<T>): Promise<T> {
    const line = await this.#pool.acquire(call.signal);
    let usable = true;
    try {
      return await work(line);
    } catch (error) {
      const failure = asSqlError(error);
      usable = failure.scope !== "Connection";
      throw failure;
    } finally {
      this.#pool.release(line, usable && !this.#spoiled.has(line));
    }
  }
}
