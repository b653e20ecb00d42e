import pg from "pg";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { type Client, type ServerWay, sqlEnvironment, sqlHarness, sqlTables } from "./sql-harness.ts";
import type { Harness } from "./subject.ts";

/** A harness around a real PostgreSQL behind a proxy; `list` is the type of a column with several values. */
export async function startPostgresHarness(way: ServerWay, list: "text[]" | "text"): Promise<Harness> {
  const server = await startPostgres();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server, list);
  let other: Postgres | undefined;
  const through = (user: string, password: string) =>
    way.secret({ user, password, port: proxy.port, database: "postgres" });
  const { password } = new URL(server.url);
  const secrets = {
    URL: through("postgres", password),
    WRONG: through("postgres", "wrong"),
    READ: through("reader", "reader"),
  };
  return sqlHarness({
    store: way.store("URL"),
    environment: { ...sqlEnvironment(secrets), ...way.environment },
    client: () => clientOf(direct),
    list: { pack: (values) => values, unpack: (value) => value as string[] },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 40_000 }),
      loseAnswer: async () =>
        proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("COMMIT\0") }),
      stopServer: async () => {
        await direct.end();
        await server.kill();
      },
      startServer: async () => {
        await server.restart();
        direct = await open(server.url);
      },
      wrongPassword: way.store("WRONG"),
      readOnly: way.store("READ"),
      async replaceServer() {
        other = await startPostgres();
        await direct.end();
        direct = await prepare(other, list);
        proxy.redirect(other.port);
      },
    },
    heal: async () => proxy.heal(),
    async stop() {
      await direct.end();
      await proxy.close();
      await server.stop();
      await other?.stop();
    },
  });
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function prepare(server: Postgres, list: string): Promise<pg.Client> {
  const client = await open(server.url);
  const id = "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  await client.query(sqlTables({ id, list, binary: "bytea" }));
  await client.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
  await client.query("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
  return client;
}

function clientOf(client: pg.Client): Client {
  return {
    query: async (text, values = []) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
  };
}
