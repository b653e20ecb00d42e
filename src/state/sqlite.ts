import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import { type Database, insertSql, type Parameter, type RowsStep, type Step } from "./database.ts";
import { StateError, type StateErrorKind } from "./errors.ts";
import { Queue } from "./queue.ts";
import { SqliteLock } from "./sqlite-lock.ts";
import type { Row } from "./table.ts";

/** A state that lives and dies with its object: for tests and for trying things out. */
export const inMemory = ":memory:";

/** Rows written between two breaths of the event loop: some 5 ms. */
const slice = 500;

/**
 * Every commit is on disk. Pages go from the log to the file by 16 MB, as many as the cache holds, not by SQLite's 4: batch after batch
 * changes the same ones, those of its intents and of the index of anchors, and where anchors are random a load writes a fifth less.
 */
const durability = "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000";

/** A state in a file. Writes and reads take turns, so that no read sees half a transaction. */
export class SqliteDatabase implements Database {
  readonly place: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #queue = new Queue();
  #lock: SqliteLock | undefined;

  constructor(place: string, mode: "read" | "write") {
    this.place = place;
    this.#database = attempt(place, "open", () => open(place, mode));
  }

  async exists(): Promise<boolean> {
    const tables = await this.read("SELECT name FROM sqlite_schema WHERE type = 'table'");
    if (tables.length === 0 || tables.some(({ name }) => name === "migrations")) return tables.length > 0;
    throw new StateError(
      "Foreign",
      `cannot use ${this.place} as state: it is another program's database; name another file`,
    );
  }

  async lock(): Promise<boolean> {
    if (this.place === inMemory) return true;
    this.#lock = attempt(this.place, "lock", () => SqliteLock.take(createFile(`${this.place}.lock`)));
    if (this.#lock === undefined) return false;
    attempt(this.place, "open", () => this.#database.exec(`PRAGMA journal_mode = WAL; ${durability}`));
    return true;
  }

  read(sql: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    return this.#queue.run(() =>
      attempt(this.place, "read", () => this.#statement(sql).all(...parameters.map(bind)) as Row[]),
    );
  }

  write(steps: readonly Step[]): Promise<void> {
    return this.#queue.run(async () => {
      try {
        this.#database.exec("BEGIN IMMEDIATE");
        for (const step of steps) await this.#run(step);
        this.#database.exec("COMMIT");
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw asStateError(this.place, "write to", error);
      }
    });
  }

  among(column: string): string {
    return `${column} IN (SELECT value FROM json_each(?))`;
  }

  close(): Promise<void> {
    return this.#queue.run(() => {
      if (this.#database.isOpen) this.#database.close();
      this.#lock?.release();
      this.#lock = undefined;
    });
  }

  async #run(step: Step): Promise<void> {
    if (step.kind === "schema") {
      this.#database.exec(step.sql.replace("seq sequence", "seq INTEGER PRIMARY KEY AUTOINCREMENT"));
    } else if (step.kind === "sql") {
      const { changes } = this.#statement(step.sql).run(...step.parameters.map(bind));
      if (step.otherwise !== undefined && changes === 0) throw step.otherwise;
    } else if (step.count > 0) {
      const statement = this.#statement(rowSql(step));
      for (let index = 0; index < step.count; index += 1) {
        if (index > 0 && index % slice === 0) await breathe();
        statement.run(...step.row(index));
      }
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Makes the file that a new state goes into, for its owner's eyes only; its folder too where there is none. */
export function createFile(path: string): string {
  if (path === inMemory || existsSync(path)) return path;
  return attempt(path, "make", () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
    return path;
  });
}

function open(place: string, mode: "read" | "write"): DatabaseSync {
  const database = new DatabaseSync(place, { readOnly: mode === "read", timeout: 1_000 });
  database.exec("PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY");
  return database;
}

function rowSql(step: RowsStep): string {
  if (step.kind === "put") return insertSql(step, `VALUES (${step.columns.map(() => "?").join(", ")})`);
  return `DELETE FROM ${step.table.name} WHERE ${step.columns.map((column) => `${column} = ?`).join(" AND ")}`;
}

function bind(parameter: Parameter): string | number | null {
  return typeof parameter === "object" && parameter !== null ? JSON.stringify(parameter) : parameter;
}

function attempt<T>(place: string, verb: string, job: () => T): T {
  try {
    return job();
  } catch (error) {
    throw asStateError(place, verb, error);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) and the errors of files that a person can do something about. */
const failures: Readonly<Record<string, readonly [StateErrorKind, string]>> = {
  5: ["Locked", "wait until the other process is done"],
  8: ["Denied", "give this user the right to write there"],
  10: ["Full", "make room on the disk, or see what is wrong with it"],
  11: ["Damaged", "restore it from a backup"],
  13: ["Full", "make room on the disk"],
  14: ["Denied", "see that it is a file that this user may read and write"],
  19: ["Conflict", "nothing was kept"],
  26: ["Foreign", "name another file"],
  EACCES: ["Denied", "give this user the right to write there"],
  EROFS: ["Denied", "name a place that can be written to"],
  EEXIST: ["Denied", "name a place below a folder"],
  ENOTDIR: ["Denied", "name a place below a folder"],
  ENOSPC: ["Full", "make room on the disk"],
};

function asStateError(place: string, verb: string, error: unknown): unknown {
  const { errcode, code, message } = error as { errcode?: number; code?: string; message?: string };
  const failure = failures[errcode === undefined ? (code ?? "") : errcode & 0xff];
  if (failure === undefined) return error;
  const [kind, cure] = failure;
  return new StateError(kind, `cannot ${verb} state ${place}: ${message}; ${cure}`, error);
}
