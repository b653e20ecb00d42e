import { type Connection, createConnection } from "mysql2/promise";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { startMariadb } from "../support/mariadb.ts";
import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import { type MysqlServer, type MysqlServerOptions, mysqlTypes } from "../support/mysql-server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";

export interface MariadbSetting {
  readonly server: MysqlServer;
  readonly proxy: TcpProxy;
  /** A type, and collations that tell letters, or spaces at the end, apart. */
  readonly types: (typeof mysqlTypes)["MariaDB" | "MySQL"];
  /** A fresh database with the table `accounts`, and a target that reaches it through the proxy. */
  fresh(columns?: string, options?: TargetChoice): Promise<Connector>;
  /** Another target of the same database, at this address. */
  target(address: string, options?: TargetChoice): Connector;
  /** The fresh database's URL, past the proxy. */
  url(): string;
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Until one of the connector's statements waits in this state. */
  waiting(state: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** What the tests of MariaDB and MySQL are called, and the dialect. */
export const mysqlDialects = [
  ["MariaDB", "mariadb"],
  [`MySQL's dialect, on ${mysqlTestedOn}`, "mysql"],
] as const;

export interface TargetChoice {
  readonly store?: object;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly block?: unknown;
  readonly attributes?: readonly string[];
}

const table = { table: { name: "accounts", key: "login", id: "id" } };

/** A server for this dialect, behind a proxy. */
export async function startSetting(
  dialect: "mariadb" | "mysql" = "mariadb",
  options: MysqlServerOptions = {},
): Promise<MariadbSetting> {
  const server = await (dialect === "mariadb" ? startMariadb : startMysql)(options);
  const proxy = await startTcpProxy(server.port);
  const connections: StoreConnection[] = [];
  let url = server.url;
  let client: Connection | undefined;
  const rows = async (sql: string) => {
    const [answer] = (await client?.query(sql)) ?? [[]];
    return answer as Record<string, unknown>[];
  };
  const target = (address: string, choice: TargetChoice = {}) => {
    const { store = {}, secrets = {}, block = table, attributes = ["note"] } = choice;
    const connection = sqlConnector.connect(
      sqlConnector.storeSchema.parse({ dialect, url: { env: "URL" }, ...store }),
      sqlEnvironment({ URL: address, ...secrets }),
    );
    connections.push(connection);
    return connection.target({ block: sqlConnector.targetSchema.parse(block), attributes });
  };
  return {
    server,
    proxy,
    types: mysqlTypes[server.product],
    target,
    rows,
    url: () => url,
    async fresh(columns = "note varchar(1000)", choice = {}) {
      proxy.heal();
      client?.destroy();
      url = await server.createDatabase();
      client = await createConnection({ uri: url, multipleStatements: true });
      client.on("error", () => undefined);
      await client.query(
        `CREATE TABLE accounts (id bigint AUTO_INCREMENT PRIMARY KEY, login varchar(100) NOT NULL UNIQUE, ${columns})`,
      );
      return target(url.replace(String(server.port), String(proxy.port)), choice);
    },
    async run(sql) {
      await client?.query(sql);
    },
    waiting: (state) => waitFor(async () => (await waiters(rows, state)) > 0, { what: `a wait: ${state}` }),
    async stop() {
      for (const connection of connections) await connection.close();
      client?.destroy();
      await proxy.close();
      await server.stop();
    },
  };
}

async function waiters(rows: MariadbSetting["rows"], state: string): Promise<number> {
  if (state !== "lock")
    return (await rows(`SELECT id FROM information_schema.processlist WHERE state = '${state}'`)).length;
  // The table of transactions would do, but shows nothing new to who asks again within 100 ms.
  const [status] = await rows("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'");
  return Number(status?.Value);
}
