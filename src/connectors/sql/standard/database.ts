import type { Call } from "../../contract.ts";
import { takingTurns } from "../../turns.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "../database.ts";
import type { Dialect, Query } from "../dialect.ts";
import { endedTransaction, known, SqlError } from "../errors.ts";
import { type Line, LinePool } from "../line-pool.ts";

/** A connection to a database that is spoken to in standard SQL. Everything throws `SqlError`; an aborted call ends the connection. */
export interface SqlLine extends Line {
  run(query: Query, signal: AbortSignal): Promise<Result>;
  /** All rows of a statement without parameters; ends only when they were all there. */
  pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]>;
  /** What a transaction has read stays as it is until its end. */
  begin(signal: AbortSignal): Promise<void>;
  commit(signal: AbortSignal): Promise<void>;
  rollback(signal: AbortSignal): Promise<void>;
}

/** What a savepoint is called by. It is never released: not every database can, and the transaction's end does. */
export interface Savepoints {
  readonly set: string;
  readonly undo: string;
}

/** What databases reached by such connections have in common. */
export abstract class LineDatabase<L extends SqlLine> implements Database {
  abstract readonly dialect: Dialect;
  protected readonly savepoints: Savepoints = {
    set: "SAVEPOINT rollcall",
    undo: "ROLLBACK TO SAVEPOINT rollcall",
  };
  readonly #pool: LinePool<L>;
  readonly #spoiled = new WeakSet<L>();
  readonly #turn = takingTurns();

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

  /** One at a time: serializable transactions that read the same table would make each other fail. */
  transaction<T>(_: Isolation, mode: Mode, call: Call, work: (session: Session) => Promise<T>): Promise<T> {
    const transact = async (line: L) => {
      await line.begin(call.signal);
      const session = new LineSession(line, mode, this.savepoints, call);
      try {
        const result = await work(session);
        await line.commit(call.signal).catch(inDoubt);
        return result;
      } catch (error) {
        if (asSqlError(error).scope !== "Connection") await line.rollback(call.signal);
        throw error;
      } finally {
        if (session.ranOwn) this.#spoiled.add(line);
      }
    };
    return this.#turn(() => this.with(call, transact));
  }

  async marker(): Promise<string | undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.#pool.close();
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

class LineSession implements Session {
  readonly mode: Mode;
  readonly #line: SqlLine;
  readonly #savepoints: Savepoints;
  readonly #call: Call;
  /** Statements of the manifest ran in it. */
  ranOwn = false;

  constructor(line: SqlLine, mode: Mode, savepoints: Savepoints, call: Call) {
    this.mode = mode;
    this.#line = line;
    this.#savepoints = savepoints;
    this.#call = call;
  }

  query(query: Query): Promise<Result> {
    if (query.own) this.ranOwn = true;
    return this.#line.run(query, this.#call.signal);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.query({ text: this.#savepoints.set, values: [] });
    try {
      return await work();
    } catch (error) {
      const failure = asSqlError(error);
      if (failure.scope !== "Connection") await this.#undo(failure);
      throw failure;
    }
  }

  /** Where the savepoint is gone, the transaction is: a deadlock's victim, or ended by an own statement. */
  async #undo({ message }: SqlError): Promise<void> {
    try {
      await this.query({ text: this.#savepoints.undo, values: [] });
    } catch (error) {
      if (asSqlError(error).scope === "Connection") throw error;
      throw this.ranOwn ? endedTransaction() : new SqlError("Retryable", "Connection", message);
    }
  }
}

export function abortedCall(): SqlError {
  return new SqlError("Retryable", "Connection", "the call was aborted");
}

/** After it was sent, only an answer tells whether it was done. */
function inDoubt(error: SqlError): never {
  if (error.scope !== "Connection") throw error;
  throw new SqlError("InDoubt", "Connection", `the commit got no answer: ${error.message}`);
}

function asSqlError(error: unknown): SqlError {
  const words = error instanceof Error ? error.message : String(error);
  return known(error) ?? new SqlError("Unavailable", "Connection", words, error);
}
