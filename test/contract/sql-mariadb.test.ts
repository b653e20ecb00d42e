import { type Connection, createConnection } from "mysql2/promise";
import { type Mariadb, startMariadb } from "../support/mariadb.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { type Client, sqlEnvironment, sqlHarness, sqlTables } from "./sql-harness.ts";
import { everything, type Harness } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features = {
  ...everything,
  passwords: "each application hashes passwords its own way",
  restore: "a deleted row is gone",
  multiValued: "MariaDB has no lists",
};

contractSuite({
  name: "sql (MariaDB)",
  features,
  start: () => startSql("mariadb", "varchar(400)"),
});

// MySQL has no RETURNING, and its usual collations tell more letters apart; it cannot be had here itself.
contractSuite({
  name: "sql (MySQL's dialect, on MariaDB)",
  features,
  start: () => startSql("mysql", "varchar(400) COLLATE utf8mb4_bin"),
});

async function startSql(dialect: "mariadb" | "mysql", nameType: string): Promise<Harness> {
  const server = await startMariadb();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server, nameType);
  let other: Mariadb | undefined;
  const through = (user: string, password: string) =>
    `mysql://${user}:${password}@127.0.0.1:${proxy.port}/rollcall`;
  const { username, password } = new URL(server.url);
  return sqlHarness({
    store: { dialect, url: { env: "URL" } },
    environment: sqlEnvironment({
      URL: through(username, password),
      WRONG: through(username, "wrong"),
      READ: through("reader", "reader"),
    }),
    client: () => clientOf(direct),
    list: {
      pack: (values) => JSON.stringify(values),
      unpack: (value) => JSON.parse(String(value)) as string[],
    },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 40_000 }),
      loseAnswer: async () =>
        proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("\x03COMMIT") }),
      stopServer: async () => {
        direct.destroy();
        await server.kill();
      },
      startServer: async () => {
        await server.restart();
        direct = await createConnection({ uri: server.url });
      },
      wrongPassword: { dialect, url: { env: "WRONG" } },
      readOnly: { dialect, url: { env: "READ" } },
      async replaceServer() {
        other = await startMariadb();
        direct.destroy();
        direct = await prepare(other, nameType);
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

async function prepare(server: Mariadb, name: string): Promise<Connection> {
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
