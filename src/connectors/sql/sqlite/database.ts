import { randomUUID } from "node:crypto";
import { type BigIntStats, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Call } from "../../contract.ts";
import { takingTurns } from "../../turns.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, fromSqlite, SqlError } from "../errors.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import { sqliteDialect } from "./dialect.ts";
import { PageReader, prepare } from "./pages.ts";

/** Milliseconds to wait, holding the process, for somebody else's lock; then the engine tries again later. */
const patience = 15;

/** The file's two connections: one only reads, so that it sees other connections' changes, ours among them, as changes. */
interface Handles {
  readonly reader: DatabaseSync;
  readonly pages: PageReader;
  readonly writer: DatabaseSync;
  /** The file that was opened, though another may have its name by now. */
  readonly identity: string;
  readonly id: string;
}

/** An SQLite file. It is never created, and opened anew when another file has taken its place. */
export class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect;
  readonly #path: () => string;
  #handles: Handles | undefined;
  readonly #turn = takingTurns();
  #closed = false;

  constructor(path: () => string) {
    this.#path = path;
  }

  async query(query: Query, call: Call): Promise<Result> {
    return attempt(() => run(this.#open(call).reader, query));
  }

  async *stream(text: string, call: Call): AsyncIterable<readonly Row[]> {
    const { reader, pages } = this.#open(call);
    const rows = pages.read(text);
    try {
      for (;;) {
        if (call.signal.aborted) throw abortedCall();
        const page = attempt(() => rows.next());
        if (page.done) return;
        yield page.value;
        await setImmediate();
        if (this.#handles?.reader !== reader)
          throw new SqlError("Unavailable", "Connection", "the file was closed or replaced");
      }
    } finally {
      attempt(() => rows.return());
    }
  }

  /** One at a time: a connection has one transaction. It holds the lock from its start, so what it reads stays. */
  transaction<T>(_: Isolation, mode: Mode, call: Call, work: (session: Session) => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      const { writer } = this.#open(call);
      attempt(() => writer.exec("BEGIN IMMEDIATE"));
      try {
        const result = await work(new SqliteSession(writer, mode, call));
        if (call.signal.aborted) throw abortedCall();
        attempt(() => writer.exec("COMMIT"));
        return result;
      } catch (error) {
        if (writer.isOpen && writer.isTransaction) attempt(() => writer.exec("ROLLBACK"));
        throw fromSqlite(error);
      }
    });
  }

  async describeTable(name: string, call: Call): Promise<Relation> {
    return attempt(() => describeTable(this.#open(call).reader, name));
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    return attempt(() => describeQuery(this.#open(call).reader, text));
  }

  async server(call: Call): Promise<string> {
    const { rows } = await this.query({ text: "SELECT sqlite_version()", values: [] }, call);
    return `SQLite ${rows[0]?.[0]}`;
  }

  /** A file has no number of its own. Its inode and its time of birth tell it from another one put in its place. */
  async fingerprint(call: Call): Promise<string> {
    return `sqlite:${this.#open(call).identity}`;
  }

  /** `data_version` counts what other connections commit, from this one's opening on: a new opening is a new count. */
  async marker(call: Call): Promise<string> {
    const { reader, id } = this.#open(call);
    return attempt(() => `${id}:${run(reader, { text: "PRAGMA data_version", values: [] }).rows[0]?.[0]}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn(async () => this.#drop());
  }

  #open(call: Call): Handles {
    if (this.#closed) throw new SqlError("Unavailable", "Connection", "the connection was closed");
    if (call.signal.aborted) throw abortedCall();
    const path = this.#path();
    const identity = attempt(() => identify(statSync(path, { bigint: true })));
    if (this.#handles?.identity === identity) return this.#handles;
    this.#drop();
    this.#handles = attempt(() => {
      const [reader, writer] = [open(path, "ro"), open(path, "rw")];
      return { reader, pages: new PageReader(reader), writer, identity, id: randomUUID() };
    });
    return this.#handles;
  }

  #drop(): void {
    this.#handles?.reader.close();
    this.#handles?.writer.close();
    this.#handles = undefined;
  }
}

class SqliteSession implements Session {
  readonly mode: Mode;
  readonly #writer: DatabaseSync;
  readonly #call: Call;

  constructor(writer: DatabaseSync, mode: Mode, call: Call) {
    this.mode = mode;
    this.#writer = writer;
    this.#call = call;
  }

  /** Each statement takes its turn, so that a large batch does not hold the process. */
  async query(query: Query): Promise<Result> {
    await setImmediate();
    if (this.#call.signal.aborted) throw abortedCall();
    return attempt(() => run(this.#writer, query));
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    attempt(() => this.#writer.exec("SAVEPOINT rollcall"));
    try {
      const result = await work();
      attempt(() => this.#writer.exec("RELEASE rollcall"));
      return result;
    } catch (error) {
      attempt(() => this.#writer.exec("ROLLBACK TO rollcall; RELEASE rollcall"));
      throw fromSqlite(error);
    }
  }
}

function open(path: string, mode: "ro" | "rw"): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("mode", mode);
  return new DatabaseSync(url, { timeout: patience, enableForeignKeyConstraints: true });
}

function identify(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

function run(database: DatabaseSync, query: Query): Result {
  const statement = prepare(database, query.text);
  const values = query.values as SQLInputValue[];
  if (statement.columns().length > 0) {
    const rows = statement.all(...values) as unknown as Row[];
    return { rows, count: rows.length };
  }
  return { rows: [], count: Number(statement.run(...values).changes) };
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fromSqlite(error);
  }
}
