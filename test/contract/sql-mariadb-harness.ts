import { type Connection, createConnection } from "mysql2/promise";
import { startMariadb } from "../support/mariadb.ts";
import { isCommit, type MysqlServer } from "../support/mysql-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { type Client, type ServerWay, sqlEnvironment, sqlHarness, sqlTables } from "./sql-harness.ts";
import type { Harness } from "./subject.ts";

interface Choice {
  /** Default: a MariaDB. */
  readonly start?: () => Promise<MysqlServer>;
  /** The type of a text that can be unique. */
  readonly name?: string;
}

/** A harness around a real server behind a proxy. */
export async function startMariadbHarness(
  way: ServerWay,
  { start = startMariadb, name = "varchar(400)" }: Choice = {},
): Promise<Harness> {
  const server = await start();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server, name);
  let other: MysqlServer | undefined;
  const through = (user: string, password: string) =>
    way.secret({ user, password, port: proxy.port, database: "rollcall" });
  const { username, password } = new URL(server.url);
  const secrets = {
    URL: through(username, password),
    WRONG: through(username, "wrong"),
    READ: through("reader", "reader"),
  };
  return sqlHarness({
    store: way.store("URL"),
    environment: { ...sqlEnvironment(secrets), ...way.environment },
    booleans: way.booleans,
    client: () => clientOf(direct),
    list: {
      pack: (values) => JSON.stringify(values),
      unpack: (value) => JSON.parse(String(value)) as string[],
    },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 40_000 }),
      loseAnswer: async () => proxy.fail({ kind: "LoseAnswer", matches: isCommit }),
      stopServer: async () => {
        direct.destroy();
        await server.kill();
      },
      startServer: async () => {
        await server.restart();
        direct = await createConnection({ uri: server.url });
      },
      wrongPassword: way.store("WRONG"),
      readOnly: way.store("READ"),
      async replaceServer() {
        other = await start();
        direct.destroy();
        direct = await prepare(other, name);
        proxy.redirect(other.port);
      },
    },
    heal: async () => proxy.heal(),
    async stop() {
      direct.destroy();
      await proxy.close();
      await server.stop();
      await other?.stop();
    },
  });
}

async function prepare(server: MysqlServer, name: string): Promise<Connection> {
  const client = await createConnection({ uri: server.url });
  const tables = sqlTables({
    id: "bigint AUTO_INCREMENT PRIMARY KEY",
    list: "json",
    binary: "longblob",
    name,
  });
  for (const statement of tables.split(";")) if (statement.trim() !== "") await client.query(statement);
  await client.query("CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'reader'");
  await client.query("GRANT SELECT ON rollcall.* TO 'reader'@'127.0.0.1'");
  return client;
}

function clientOf(client: Connection): Client {
  return {
    async query(text, values = []) {
      const used: unknown[] = [];
      const sql = text.replace(/\$([0-9]+)/g, (_, position: string) => {
        used.push(values[Number(position) - 1]);
        return "?";
      });
      const [rows] = await client.query(sql, used);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    },
  };
}
