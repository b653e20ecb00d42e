import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { makeFolder } from "../support/folder.ts";
import { startPostgres } from "../support/postgres.ts";

/** A database that tests make tables in, with a hand beside the connector's. */
export interface Setting {
  readonly dialect: "postgres" | "sqlite";
  /** Types that both dialects have under other names. */
  readonly types: { readonly id: string; readonly list: string };
  /** Runs statements as the owner. */
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A target of a connection that lives as long as the setting. */
  target(block: unknown, attributes?: readonly string[]): Connector;
  /** A fresh, empty database. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export const settings = [
  ["PostgreSQL", postgresSetting],
  ["SQLite", sqliteSetting],
] as const;

async function postgresSetting(): Promise<Setting> {
  const server = await startPostgres();
  let client = new pg.Client({ connectionString: server.url });
  await client.connect();
  let connection: StoreConnection | undefined;
  let url = server.url;
  return {
    dialect: "postgres",
    types: { id: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", list: "text[]" },
    async run(sql) {
      await client.query(sql);
    },
    rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    target: (block, attributes) => {
      connection ??= connect({ dialect: "postgres", url: { env: "URL" } }, { URL: url });
      return target(connection, block, attributes);
    },
    async empty() {
      await connection?.close();
      connection = undefined;
      await client.end();
      url = await server.createDatabase();
      client = new pg.Client({ connectionString: url });
      await client.connect();
    },
    async stop() {
      await connection?.close();
      await client.end();
      await server.stop();
    },
  };
}

async function sqliteSetting(): Promise<Setting> {
  const folder = await makeFolder("sqlite");
  let count = 0;
  let database: DatabaseSync | undefined;
  let connection: StoreConnection | undefined;
  return {
    dialect: "sqlite",
    types: { id: "INTEGER PRIMARY KEY", list: "text" },
    async run(sql) {
      database?.exec(sql);
    },
    rows: async (sql) => database?.prepare(sql).all() ?? [],
    target: (block, attributes) => {
      connection ??= connect({ dialect: "sqlite", file: `${count}.db` }, {}, folder.path);
      return target(connection, block, attributes);
    },
    async empty() {
      await connection?.close();
      connection = undefined;
      database?.close();
      database = new DatabaseSync(join(folder.path, `${++count}.db`), { timeout: 5_000 });
    },
    async stop() {
      await connection?.close();
      database?.close();
      await folder.remove();
    },
  };
}

function connect(store: unknown, secrets: Record<string, string>, folder?: string): StoreConnection {
  return sqlConnector.connect(sqlConnector.storeSchema.parse(store), sqlEnvironment(secrets, folder));
}

function target(connection: StoreConnection, block: unknown, attributes: readonly string[] = []): Connector {
  return connection.target({ block: sqlConnector.targetSchema.parse(block), attributes });
}
