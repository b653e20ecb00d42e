import type { ConnectionOptions } from "mysql2";
import type { Call } from "../../contract.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "../database.ts";
import type { Dialect, Query } from "../dialect.ts";
import { endedTransaction, SqlError } from "../errors.ts";
import { LinePool } from "../line-pool.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import { fromMysql } from "./errors.ts";
import { MysqlLine } from "./line.ts";
import { fingerprint, marker } from "./server.ts";

/** How the driver shows values: numbers that JavaScript has not, instants and documents as the texts they are. */
const shown: ConnectionOptions = {
  charset: "utf8mb4_bin",
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  jsonStrings: true,
  connectTimeout: 10_000,
  // A server must not be able to ask for files.
  flags: ["-LOCAL_FILES"],
  connectAttributes: { program_name: "rollcall" },
};

/** Statements that mean the same, and results that are whole, on every server, whatever its settings. */
const settings = [
  `SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,PIPES_AS_CONCAT,ERROR_FOR_DIVISION_BY_ZERO',
    time_zone = '+00:00', autocommit = 1, completion_type = 0, foreign_key_checks = 1, unique_checks = 1, sql_safe_updates = 0,
    sql_select_limit = 18446744073709551615, sql_big_selects = 1, group_concat_max_len = 4294967295, net_write_timeout = 600`,
  "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
];

/** MariaDB or MySQL over a small pool. Each connection is opened with the configuration of that moment: a password may change. */
export class MysqlDatabase implements Database {
  readonly dialect: Dialect;
  readonly #pool: LinePool<MysqlLine>;
  readonly #spoiled = new WeakSet<MysqlLine>();

  constructor(dialect: Dialect, configure: () => Promise<ConnectionOptions>) {
    this.dialect = dialect;
    this.#pool = new LinePool(async (signal) => open(await configure(), signal));
  }

  query(query: Query, call: Call): Promise<Result> {
    return this.#with(call, (line) => line.run(query, call.signal));
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
    return this.#with(call, async (line) => {
      const session = new MysqlSession(line, mode, this.#spoiled, call);
      await session.run(`SET TRANSACTION ISOLATION LEVEL ${levels[isolation]}`);
      await session.run("START TRANSACTION");
      const result = await work(session).catch(async (error: unknown) => {
        const failure = fromMysql(error);
        if (failure.scope !== "Connection") await this.#refuseEnded(line, call);
        await session.run("ROLLBACK");
        throw failure;
      });
      await this.#refuseEnded(line, call);
      if (call.signal.aborted) throw new SqlError("Retryable", "Connection", "the call was aborted");
      await line.commit(call.signal);
      return result;
    });
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return describeTable((query) => this.query(query, call), name);
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    const empty = `SELECT * FROM (${text}) t LIMIT 0`;
    const fields = await this.#with(call, (line) => line.fields(empty, call.signal));
    return describeQuery((query) => this.query(query, call), fields, text);
  }

  async server(call: Call): Promise<string> {
    const { rows } = await this.query({ text: "SELECT VERSION()", values: [] }, call);
    const version = String(rows[0]?.[0]);
    return `${version.includes("MariaDB") ? "MariaDB" : "MySQL"} ${version.split("-")[0]}`;
  }

  fingerprint(call: Call): Promise<string> {
    return fingerprint((query) => this.query(query, call));
  }

  marker(call: Call): Promise<string | undefined> {
    return this.#with(call, (line) => marker((query) => line.run(query, call.signal)));
  }

  async close(): Promise<void> {
    this.#pool.close();
  }

  /** Own statements may have committed (MariaDB, "SQL statements that cause an implicit commit"), even some that then failed. */
  async #refuseEnded(line: MysqlLine, { signal }: Call): Promise<void> {
    if (this.#spoiled.has(line) && !(await line.isInTransaction(signal))) throw endedTransaction();
  }

  async #with<T>(call: Call, work: (line: MysqlLine) => Promise<T>): Promise<T> {
    const line = await this.#pool.acquire(call.signal);
    let usable = true;
    try {
      return await work(line);
    } catch (error) {
      const failure = fromMysql(error);
      usable = failure.scope !== "Connection";
      throw failure;
    } finally {
      this.#pool.release(line, usable && !this.#spoiled.has(line));
    }
  }
}

class MysqlSession implements Session {
  readonly mode: Mode;
  readonly #line: MysqlLine;
  readonly #spoiled: WeakSet<MysqlLine>;
  readonly #call: Call;

  /** Lines that own statements ran on join the `spoiled`. */
  constructor(line: MysqlLine, mode: Mode, spoiled: WeakSet<MysqlLine>, call: Call) {
    this.mode = mode;
    this.#line = line;
    this.#spoiled = spoiled;
    this.#call = call;
  }

  query(query: Query): Promise<Result> {
    if (query.own) this.#spoiled.add(this.#line);
    return this.#line.run(query, this.#call.signal);
  }

  async run(text: string): Promise<void> {
    await this.query({ text, values: [] });
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.run("SAVEPOINT rollcall");
    try {
      const result = await work();
      await this.run("RELEASE SAVEPOINT rollcall");
      return result;
    } catch (error) {
      const failure = fromMysql(error);
      if (failure.scope === "Connection") throw failure;
      await this.run("ROLLBACK TO SAVEPOINT rollcall");
      throw failure;
    }
  }
}

/** InnoDB's repeatable read lets an update overwrite what it does not see; in a serializable transaction reading locks. */
const levels: Readonly<Record<Isolation, string>> = {
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "SERIALIZABLE",
};

async function open(options: ConnectionOptions, signal: AbortSignal): Promise<MysqlLine> {
  const line = await MysqlLine.open({ ...shown, ...options }, signal);
  try {
    for (const text of settings) await line.run({ text, values: [] }, signal);
    return line;
  } catch (error) {
    line.destroy();
    throw error;
  }
}
