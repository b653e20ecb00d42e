import pg from "pg";
import { type Database, insertSql, type Parameter, type RowsStep, type Step } from "./database.ts";
import { StateError, type StateErrorKind } from "./errors.ts";
import { schemaOf, takeLock } from "./postgres-lock.ts";
import type { Row } from "./table.ts";

/**
 * Every read here follows an index. A table that was just filled has no statistics yet, and without them Postgres would rather sort it
 * anew for each page. A client that is gone without a word is noticed within half a minute, so that its lock is free again.
 */
const sessionOptions = [
  "-c synchronous_commit=on -c enable_sort=off -c enable_bitmapscan=off -c jit=off",
  "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
].join(" ");
/** Rows sent in one statement. */
const portion = 1_000;
/** Milliseconds after which a server that says nothing counts as gone. */
const patience = 30_000;

/**
 * A state in Postgres. Everything is written through the very session that holds the lock: when that session is lost, so are the lock and
 * what it had not committed, and nothing can be written until the lock has been got again.
 */
export class PostgresDatabase implements Database {
  readonly place: string;
  readonly #config: pg.ClientConfig;
  readonly #schema: string;
  readonly #readers: pg.Pool;
  #writer: pg.Client | undefined;

  constructor(url: string, realm: string) {
    this.place = withoutPassword(url);
    this.#schema = schemaOf(realm);
    this.#config = {
      connectionString: url,
      application_name: `rollcall ${process.pid}`,
      options: `-c search_path="${this.#schema}" ${sessionOptions}`,
      connectionTimeoutMillis: patience,
      query_timeout: patience,
      keepAlive: true,
      types: { getTypeParser },
    };
    this.#readers = new pg.Pool({
      ...this.#config,
      max: 4,
      idleTimeoutMillis: 10_000,
      allowExitOnIdle: true,
    });
    this.#readers.on("error", () => {}); // An idle connection that breaks is replaced by the next read.
  }

  async exists(): Promise<boolean> {
    const [row] = await this.read("SELECT to_regclass(?) IS NOT NULL AS found", [
      `"${this.#schema}".migrations`,
    ]);
    return row?.found as unknown as boolean;
  }

  async lock(takeOver: boolean): Promise<boolean> {
    const client = new pg.Client(this.#config);
    client.on("error", () => this.#lose(client));
    try {
      await client.connect();
      const got = await takeLock(client, this.#schema, takeOver);
      if (got) this.#writer = client;
      else await client.end();
      return got;
    } catch (error) {
      this.#lose(client);
      throw this.#stateError("lock", error);
    }
  }

  async read(sql: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    try {
      return (await this.#readers.query<Row>(numbered(sql), parameters as unknown[])).rows;
    } catch (error) {
      throw this.#stateError("read", error);
    }
  }

  async write(steps: readonly Step[]): Promise<void> {
    const client = this.#writer ?? (await this.#lockAgain());
    try {
      await client.query("BEGIN");
      if (steps.some(({ kind }) => kind === "schema")) await makeSchema(client, this.#schema);
      for (const step of steps) await run(client, step);
      await client.query("COMMIT");
    } catch (error) {
      if (isAnswer(error)) await client.query("ROLLBACK").catch(() => this.#lose(client));
      else this.#lose(client);
      throw this.#stateError("write to", error);
    }
  }

  among(column: string): string {
    return `${column} = ANY (?)`;
  }

  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.end();
    await this.#readers.end();
  }

  async #lockAgain(): Promise<pg.Client> {
    if (await this.lock(false)) return this.#writer!;
    const cause = "the connection was lost, and its lock is held by another session now";
    throw new StateError("Locked", `cannot write to state ${this.place}: ${cause}`);
  }

  #lose(client: pg.Client): void {
    if (this.#writer === client) this.#writer = undefined;
    client.end().catch(() => {});
  }

  #stateError(verb: string, error: unknown): unknown {
    if (error instanceof StateError) return error;
    const [kind, cure] = failureOf(error);
    if (kind === undefined) return error;
    const { message } = error as Error;
    return new StateError(kind, `cannot ${verb} state ${this.place}: ${message}; ${cure}`, error);
  }
}

async function run(client: pg.Client, step: Step): Promise<void> {
  if (step.kind === "schema") {
    await client.query(schemaSql(step.sql));
  } else if (step.kind === "sql") {
    const { rowCount } = await client.query(numbered(step.sql), step.parameters as unknown[]);
    if (step.otherwise !== undefined && rowCount === 0) throw step.otherwise;
  } else {
    for (let from = 0; from < step.count; from += portion) {
      await client.query(
        numbered(rowsSql(step)),
        columnsOf(step, from, Math.min(step.count, from + portion)),
      );
    }
  }
}

async function makeSchema(client: pg.Client, schema: string): Promise<void> {
  // Asked first: a role without the right to create schemas may be given one.
  const { rows } = await client.query("SELECT to_regnamespace($1) IS NULL AS missing", [`"${schema}"`]);
  if (rows[0].missing) await client.query(`CREATE SCHEMA "${schema}"`);
}

/** Texts are ordered and told apart byte by byte, as SQLite does, whatever the database's collation. */
function schemaSql(sql: string): string {
  return sql
    .replace("seq sequence", "seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY")
    .replace(/ text\b(?= NOT NULL| PRIMARY KEY|,|\))/g, ' text COLLATE "C"');
}

function rowsSql(step: RowsStep): string {
  const { table, columns } = step;
  const lists = `unnest(${columns.map((column) => `?::${table.columns[column]}[]`).join(", ")})`;
  if (step.kind === "put") return insertSql(step, `SELECT * FROM ${lists}`);
  const same = columns.map((column) => `${table.name}.${column} = gone.${column}`).join(" AND ");
  return `DELETE FROM ${table.name} USING ${lists} AS gone (${columns.join(", ")}) WHERE ${same}`;
}

/** The rows of a portion as one list a column. A statement may not meet one key twice, so of several rows the last counts. */
function columnsOf(step: RowsStep, from: number, to: number): unknown[][] {
  const rows = new Map<string | number, readonly unknown[]>();
  const keys = step.table.key.map((column) => step.columns.indexOf(column));
  for (let index = from; index < to; index += 1) {
    const row = step.row(index);
    rows.set(
      step.kind === "drop" || keys.length === 0 ? index : JSON.stringify(keys.map((key) => row[key])),
      row,
    );
  }
  return step.columns.map((_, column) => [...rows.values()].map((row) => row[column]));
}

function numbered(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => `$${++count}`);
}

/** Numbers that `pg` gives as texts lest they lose digits; ours are times and counts. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as "text");
}

/** Whether the server itself refused, so that the connection still serves. */
function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError || error instanceof StateError;
}

/** By SQLSTATE (PostgreSQL, appendix A); what has none is not from the server and means that there was no answer. */
function failureOf(error: unknown): readonly [StateErrorKind | undefined, string] {
  if (!(error instanceof pg.DatabaseError)) return ["Unavailable", "it is tried again with the next call"];
  const code = error.code ?? "";
  if (code === "23505") return ["Conflict", "nothing was kept"];
  if (code === "42501") return ["Denied", "give this role the rights that docs/state.md names"];
  if (code === "53100") return ["Full", "make room on the database server's disk"];
  if (code === "25006") return ["Denied", "name the primary server, not a read-only one"];
  if (code === "3D000") return ["Denied", "create this database, as docs/state.md says"];
  if (code.startsWith("28")) return ["Denied", "correct the user or the password"];
  if (/^(08|53|57P|58)/.test(code)) return ["Unavailable", "it is tried again with the next call"];
  return [undefined, ""];
}

/** The URL as people may see it. */
export function withoutPassword(url: string): string {
  if (!URL.canParse(url))
    throw new StateError(
      "Denied",
      "cannot read the state's database URL: write postgres://USER@HOST/DATABASE",
    );
  const place = new URL(url);
  place.password = "";
  place.search = "";
  return place.href;
}
