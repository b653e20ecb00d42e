import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { makeFolder } from "../support/folder.ts";
import { startMariadb } from "../support/mariadb.ts";
import { odbcDrivers, odbcLogin, odbcStore } from "../support/odbc.ts";
import { startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** A database behind its ODBC driver, with a hand beside it. */
export interface OdbcSetting {
  /** Its connection string. */
  readonly login: string;
  /** Runs statements, each by itself. */
  run(...statements: readonly string[]): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** A target of a new connection, by other settings than those of `odbcStore` where given. */
  target(block: unknown, attributes?: readonly string[], changed?: Changed): Connector;
  stop(): Promise<void>;
}

interface Changed {
  readonly odbc?: object;
  readonly connection?: string;
  readonly drivers?: readonly string[];
}

export async function sqliteByOdbc(): Promise<OdbcSetting> {
  const folder = await makeFolder("sqlite");
  const path = join(folder.path, "application.db");
  const database = new DatabaseSync(path, { timeout: 5_000 });
  return setting("sqlite", `Database=${path};FKSupport=1`, {
    run: async (sql) => database.exec(sql),
    rows: async (sql) => database.prepare(sql).all(),
    async stop() {
      database.close();
      await folder.remove();
    },
  });
}

export async function postgresByOdbc(): Promise<OdbcSetting & { readonly proxy: TcpProxy }> {
  const server = await startPostgres();
  const proxy = await startTcpProxy(server.port);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { password } = new URL(server.url);
  const place = { user: "postgres", password, port: proxy.port, database: "postgres" };
  const made = setting("postgres", odbcLogin("postgres", place), {
    run: async (sql) => void (await client.query(sql)),
    rows: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    async stop() {
      await client.end();
      await proxy.close();
      await server.stop();
    },
  });
  return { ...made, proxy };
}

export async function mariadbByOdbc(): Promise<OdbcSetting> {
  const server = await startMariadb();
  const client = await createConnection({ uri: server.url });
  const { username, password } = new URL(server.url);
  const place = { user: username, password, port: server.port, database: "rollcall" };
  return setting("mariadb", odbcLogin("mariadb", place), {
    run: async (sql) => void (await client.query(sql)),
    rows: async (sql) => (await client.query(sql))[0] as Record<string, unknown>[],
    async stop() {
      client.destroy();
      await server.stop();
    },
  });
}

interface Hand {
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

function setting(database: keyof typeof odbcDrivers, login: string, hand: Hand): OdbcSetting {
  const connections: StoreConnection[] = [];
  return {
    login,
    async run(...statements) {
      for (const statement of statements) await hand.run(statement);
    },
    rows: (sql) => hand.rows(sql),
    target(block, attributes = [], { odbc = {}, connection = login, drivers } = {}) {
      const store = odbcStore(database, "LOGIN");
      const changed = { ...store, odbc: { ...store.odbc, ...odbc } };
      const connected = sqlConnector.connect(sqlConnector.storeSchema.parse(changed), {
        ...sqlEnvironment({ LOGIN: connection }),
        odbcDrivers: drivers ?? [odbcDrivers[database]],
      });
      connections.push(connected);
      return connected.target({ block: sqlConnector.targetSchema.parse(block), attributes });
    },
    async stop() {
      for (const connection of connections) await connection.close();
      await hand.stop();
    },
  };
}
