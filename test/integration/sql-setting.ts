import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Connection, createConnection } from "mysql2/promise";
import pg from "pg";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { makeFolder } from "../support/folder.ts";
import { startMariadb } from "../support/mariadb.ts";
import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import { mysqlTypes } from "../support/mysql-server.ts";
import { startPostgres } from "../support/postgres.ts";

/** A database that tests make tables in, with a hand beside the connector's. */
export interface Setting {
  readonly dialect: "postgres" | "mariadb" | "mysql" | "sqlite";
  /** Types that databases have under other names. */
  readonly types: {
    readonly id: string;
    /** A text that can be unique. */
    readonly name: string;
    readonly list: string;
    /** A text that does not tell capital letters from small ones. */
    readonly caseless: string;
  };
  /** What a foreign key is checked by the commit with, where that can be had. */
  readonly deferred: string;
  /** Runs statements as the owner. */
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A target of a connection that lives as long as the setting. */
  target(block: unknown, attributes?: readonly string[]): Connector;
  /** Targets from now on are of a new connection. */
  disconnect(): Promise<void>;
  /** A fresh, empty database. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** For `describe.each`. */
export const settings = [
  ["PostgreSQL", postgresSetting, "postgres"],
  ["MariaDB", () => mysqlSetting("mariadb"), "mariadb"],
  [`MySQL's dialect, on ${mysqlTestedOn}`, () => mysqlSetting("mysql"), "mysql"],
  ["SQLite", sqliteSetting, "sqlite"],
] as const;

async function postgresSetting(): Promise<Setting> {
  const server = await startPostgres();
  let client = new pg.Client({ connectionString: server.url });
  await client.connect();
  let connection: StoreConnection | undefined;
  const disconnect = async () => {
    await connection?.close();
    connection = undefined;
  };
  let url = server.url;
  return {
    dialect: "postgres",
    types: {
      id: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
      name: "text",
      list: "text[]",
      caseless: "text COLLATE caseless",
    },
    deferred: "DEFERRABLE INITIALLY DEFERRED",
    async run(sql) {
      await client.query(sql);
    },
    rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    target: (block, attributes) => {
      connection ??= connect({ dialect: "postgres", url: { env: "URL" } }, { URL: url });
      return target(connection, block, attributes);
    },
    disconnect,
    async empty() {
      await disconnect();
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

async function mysqlSetting(dialect: "mariadb" | "mysql"): Promise<Setting> {
  const server = await (dialect === "mariadb" ? startMariadb : startMysql)();
  const { name, exact, nopad } = mysqlTypes[server.product];
  let client: Connection | undefined;
  let connection: StoreConnection | undefined;
  const disconnect = async () => {
    await connection?.close();
    connection = undefined;
  };
  let url = server.url;
  return {
    dialect,
    types: {
      id: "bigint AUTO_INCREMENT PRIMARY KEY",
      name,
      list: "json",
      caseless: `varchar(50) COLLATE ${nopad}`,
    },
    deferred: "",
    async run(sql) {
      await client?.query(sql);
    },
    rows: async (sql) => {
      const [rows] = (await client?.query(sql)) ?? [[]];
      return rows as Record<string, unknown>[];
    },
    target: (block, attributes) => {
      connection ??= connect({ dialect, url: { env: "URL" } }, { URL: url });
      return target(connection, block, attributes);
    },
    disconnect,
    async empty() {
      await disconnect();
      client?.destroy();
      url = await server.createDatabase();
      client = await createConnection({ uri: url, multipleStatements: true });
      await client.query("SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'");
      // Its own collations are compared in tests of their own.
      await client.query(`ALTER DATABASE COLLATE ${exact}`);
    },
    async stop() {
      await connection?.close();
      client?.destroy();
      await server.stop();
    },
  };
}

async function sqliteSetting(): Promise<Setting> {
  const folder = await makeFolder("sqlite");
  let count = 0;
  let database: DatabaseSync | undefined;
  let connection: StoreConnection | undefined;
  const disconnect = async () => {
    await connection?.close();
    connection = undefined;
  };
  return {
    dialect: "sqlite",
    types: { id: "INTEGER PRIMARY KEY", name: "text", list: "text", caseless: "text COLLATE NOCASE" },
    deferred: "DEFERRABLE INITIALLY DEFERRED",
    async run(sql) {
      database?.exec(sql);
    },
    rows: async (sql) => database?.prepare(sql).all() ?? [],
    target: (block, attributes) => {
      connection ??= connect({ dialect: "sqlite", file: `${count}.db` }, {}, folder.path);
      return target(connection, block, attributes);
    },
    disconnect,
    async empty() {
      await disconnect();
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
