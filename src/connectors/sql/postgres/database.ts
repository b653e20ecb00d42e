import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Call } from "../../contract.ts";
import type { Database, Isolation, Mode, Relation, Result, Row, Session } from "../database.ts";
import type { Query } from "../dialect.ts";
import { abortedCall, fromPostgres, SqlError } from "../errors.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import { decodeCopy } from "./copy.ts";
import { postgresDialect } from "./dialect.ts";
import { commit, levels, PostgresSession, run } from "./session.ts";

/** Texts that mean the same on every server, whatever its settings. */
const settings = [
  "SET DateStyle = 'ISO'",
  "SET TimeZone = 'UTC'",
  "SET IntervalStyle = 'iso_8601'",
  "SET bytea_output = 'hex'",
  "SET extra_float_digits = 1",
  "SET standard_conforming_strings = on",
  "SET quote_all_identifiers = off",
  // Rows that a policy hides would look like accounts that are gone: then the server refuses the statement instead.
  "SET row_security = off",
  // With a disk's default cost, a thousand accounts by key would be looked for in the whole table, not in its index.
  "SET random_page_cost = 1.1",
].join("; ");

/** PostgreSQL over a small pool. The configuration is asked for again after a failed log-in: the password may have changed. */
export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect;
  readonly #configure: () => Promise<pg.PoolConfig>;
  readonly #prepared = new WeakSet<pg.PoolClient>();
  readonly #spoiled = new WeakSet<pg.PoolClient>();
  #pool: Promise<pg.Pool> | undefined;
  #closed = false;

  constructor(configure: () => Promise<pg.PoolConfig>) {
    this.#configure = configure;
  }

  query(query: Query, call: Call): Promise<Result> {
    return this.#with(call, (client) => run(client, query));
  }

  async *stream(text: string, call: Call): AsyncIterable<readonly Row[]> {
    const client = await this.#acquire(call);
    const abort = () => void client.end();
    call.signal.addEventListener("abort", abort);
    let complete = false;
    try {
      const copy = client.query(copyTo(`COPY (${text}) TO STDOUT`));
      let rows = 0;
      for await (const page of decodeCopy(copy)) {
        rows += page.length;
        yield page;
        await setImmediate();
      }
      // What follows the last row, the count, comes before the answer to this.
      await client.query("SELECT 1");
      if (copy.rowCount !== rows) throw short(rows, copy.rowCount);
      complete = true;
    } catch (error) {
      throw this.#translate(error);
    } finally {
      call.signal.removeEventListener("abort", abort);
      client.release(!complete);
    }
  }

  transaction<T>(
    isolation: Isolation,
    mode: Mode,
    call: Call,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    return this.#with(call, async (client) => {
      await client.query(`BEGIN ISOLATION LEVEL ${levels[isolation]}; SET CONSTRAINTS ALL IMMEDIATE`);
      const result = await work(new PostgresSession(client, mode, this.#spoiled)).catch(
        async (error: unknown) => {
          await client.query("ROLLBACK");
          throw error;
        },
      );
      call.signal.throwIfAborted();
      await commit(client);
      return result;
    });
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return this.#with(call, (client) => describeTable(client, name));
  }

  describeQuery(text: string, call: Call): Promise<Relation> {
    return this.#with(call, (client) => describeQuery(client, text));
  }

  async server(call: Call): Promise<string> {
    const { rows } = await this.query({ text: "SHOW server_version", values: [] }, call);
    return `PostgreSQL ${String(rows[0]?.[0]).split(" ")[0]}`;
  }

  /** The cluster's own number, made by initdb, and the database's. A copy made by pg_basebackup has the same. */
  async fingerprint(call: Call): Promise<string> {
    const text = `SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
        THEN (SELECT system_identifier::text FROM pg_control_system()) ELSE '' END, oid, datname
      FROM pg_database WHERE datname = current_database()`;
    const { rows } = await this.query({ text, values: [] }, call);
    return `postgres:${rows[0]?.join(":")}`;
  }

  /**
   * Which transactions can be seen: two equal snapshots of one run of the server see the same rows. (The log's position would not
   * do: it moves before what was committed there can be seen.)
   */
  async marker(call: Call): Promise<string> {
    const text = "SELECT pg_postmaster_start_time(), pg_current_snapshot()";
    const { rows } = await this.query({ text, values: [] }, call);
    return rows[0]?.join(" ") ?? "";
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool?.catch(() => undefined))?.end();
  }

  async #with<T>(call: Call, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#acquire(call);
    const abort = () => void client.end();
    call.signal.addEventListener("abort", abort);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      const failure = this.#translate(error);
      broken = failure.scope === "Connection" || call.signal.aborted;
      throw failure;
    } finally {
      call.signal.removeEventListener("abort", abort);
      client.release(broken || this.#spoiled.has(client));
    }
  }

  async #acquire(call: Call): Promise<pg.PoolClient> {
    if (this.#closed) throw new SqlError("Unavailable", "Connection", "the connection was closed");
    if (call.signal.aborted) throw abortedCall();
    this.#pool ??= this.#open();
    try {
      const client = await (await this.#pool).connect();
      if (!this.#prepared.has(client)) await client.query(settings);
      this.#prepared.add(client);
      return client;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async #open(): Promise<pg.Pool> {
    try {
      const pool = new pg.Pool({
        max: 4,
        connectionTimeoutMillis: 10_000,
        keepAlive: true,
        application_name: "rollcall",
        types: { getTypeParser: () => (text: string) => text },
        ...(await this.#configure()),
      });
      // A broken connection fails its query, and the pool drops it; without a listener it would end the process as well.
      pool.on("connect", (client) => client.on("error", () => undefined));
      pool.on("error", () => undefined);
      return pool;
    } catch (error) {
      this.#pool = undefined;
      throw error;
    }
  }

  #translate(error: unknown): SqlError {
    const failure = fromPostgres(error);
    if (failure.kind === "Unauthenticated") {
      const pool = this.#pool;
      this.#pool = undefined;
      void pool?.then((opened) => opened.end()).catch(() => undefined);
    }
    return failure;
  }
}

function short(rows: number, told: number | null): SqlError {
  return new SqlError("Unavailable", "Connection", `got ${rows} of ${told} rows`);
}
