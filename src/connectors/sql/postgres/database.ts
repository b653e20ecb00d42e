import type pg from "pg";
import type { Call } from "../../contract.ts";
import type { Relation } from "../database.ts";
import { LineDatabase } from "../line-database.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import { postgresDialect } from "./dialect.ts";
import { PostgresLine } from "./line.ts";

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

/** How the driver shows values: as the texts they are. */
const shown: pg.ClientConfig = {
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  application_name: "rollcall",
  types: { getTypeParser: () => (text: string) => text },
};

/** PostgreSQL over a small pool. Each connection is opened with the configuration of that moment: a password may change. */
export class PostgresDatabase extends LineDatabase<PostgresLine> {
  readonly dialect = postgresDialect;
  protected override readonly savepoints = {
    set: "SAVEPOINT rollcall",
    undo: "ROLLBACK TO SAVEPOINT rollcall; RELEASE SAVEPOINT rollcall",
    release: "RELEASE SAVEPOINT rollcall",
  };
  /** Side by side: who changes what another one changes waits. */
  protected override readonly turn = <T>(work: () => Promise<T>): Promise<T> => work();

  constructor(configure: () => Promise<pg.ClientConfig>) {
    super(async (signal) => open(await configure(), signal));
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return describeTable((query) => this.query(query, call), name);
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    const empty = `SELECT * FROM (${text}) AS t LIMIT 0`;
    const fields = await this.with(call, (line) => line.fields(empty, call.signal));
    return describeQuery((query) => this.query(query, call), fields);
  }

  async server(call: Call): Promise<string> {
    const version = await this.ask("SHOW server_version", call);
    return `PostgreSQL ${version.split(" ")[0]}`;
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
  override async marker(call: Call): Promise<string> {
    const text = "SELECT pg_postmaster_start_time(), pg_current_snapshot()";
    const { rows } = await this.query({ text, values: [] }, call);
    return rows[0]?.join(" ") ?? "";
  }
}

async function open(config: pg.ClientConfig, signal: AbortSignal): Promise<PostgresLine> {
  const line = await PostgresLine.open({ ...shown, ...config }, signal);
  try {
    await line.run({ text: settings, values: [] }, signal);
    return line;
  } catch (error) {
    line.destroy();
    throw error;
  }
}
