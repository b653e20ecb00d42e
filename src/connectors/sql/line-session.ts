import type { Call } from "../contract.ts";
import type { Isolation, Mode, Result, Row, Session } from "./database.ts";
import type { Query } from "./dialect.ts";
import { asSqlError, endedTransaction, SqlError } from "./errors.ts";
import type { Line } from "./line-pool.ts";

/** A connection to a database. Everything throws `SqlError`; an aborted call ends the connection. */
export interface SqlLine extends Line {
  run(query: Query, signal: AbortSignal): Promise<Result>;
  /** All rows of a statement without parameters; ends only when they were all there. */
  pages(text: string, signal: AbortSignal): AsyncIterable<readonly Row[]>;
  /** It may isolate the transaction more than is asked. */
  begin(signal: AbortSignal, isolation: Isolation): Promise<void>;
  /** Throws `InDoubt` when it was sent and not answered. */
  commit(signal: AbortSignal): Promise<void>;
  rollback(signal: AbortSignal): Promise<void>;
  /** Whether a transaction is under way, where the server tells. */
  isInTransaction?(signal: AbortSignal): Promise<boolean>;
}

/** What a savepoint is called by. */
export interface Savepoints {
  readonly set: string;
  readonly undo: string;
  /** Not every database has it; where there is none, the transaction's end does. It fails where the transaction has ended. */
  readonly release?: string;
}

/** A transaction on one connection. */
export class LineSession implements Session {
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
    const { set, release } = this.#savepoints;
    await this.#run(set);
    try {
      const result = await work();
      if (release !== undefined) await this.#run(release);
      return result;
    } catch (error) {
      const failure = asSqlError(error);
      if (failure.scope !== "Connection") await this.#undo(failure);
      throw failure;
    }
  }

  async commit(): Promise<void> {
    await this.#refuseEnded();
    await this.#line.commit(this.#call.signal);
  }

  async rollback(): Promise<void> {
    await this.#refuseEnded();
    await this.#line.rollback(this.#call.signal);
  }

  /** Where the savepoint is gone, the transaction is: a deadlock's victim, or ended by an own statement. */
  async #undo({ message }: SqlError): Promise<void> {
    try {
      await this.#run(this.#savepoints.undo);
    } catch (error) {
      if (asSqlError(error).scope === "Connection") throw error;
      throw this.ranOwn ? endedTransaction() : new SqlError("Retryable", "Connection", message);
    }
  }

  /** Own statements may have committed (MariaDB, "SQL statements that cause an implicit commit"), even some that then failed. */
  async #refuseEnded(): Promise<void> {
    if (!this.ranOwn) return;
    const goesOn = await this.#line.isInTransaction?.(this.#call.signal);
    if (goesOn === false) throw endedTransaction();
  }

  async #run(text: string): Promise<void> {
    await this.query({ text, values: [] });
  }
}
