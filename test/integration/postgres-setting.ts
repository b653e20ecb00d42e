import pg from "pg";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { type Postgres, type PostgresOptions, startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

export interface PostgresSetting {
  readonly server: Postgres;
  readonly proxy: TcpProxy;
  /** A fresh database with the table `accounts`, and a target that reaches it through the proxy. */
  fresh(): Promise<Fresh>;
  /** Another target, at this address. */
  target(address: string, choice?: TargetChoice): Connector;
  stop(): Promise<void>;
}

export interface TargetChoice {
  readonly store?: object;
  readonly table?: string;
  /** The column that accounts are known by. */
  readonly id?: string;
  /** What the store's block refers to, beside its URL. */
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface Fresh {
  readonly connector: Connector;
  /** Somebody else's hand. */
  readonly client: pg.Client;
  /** The database's URL, past the proxy. */
  readonly url: string;
}

export async function startPostgresSetting(options: PostgresOptions = {}): Promise<PostgresSetting> {
  const server = await startPostgres(options);
  const proxy = await startTcpProxy(server.port);
  const connections: StoreConnection[] = [];
  let client: pg.Client | undefined;
  const target: PostgresSetting["target"] = (
    address,
    { store = {}, table = "accounts", id = "id", secrets = {} } = {},
  ) => {
    const connection = sqlConnector.connect(
      sqlConnector.storeSchema.parse({ dialect: "postgres", url: { env: "URL" }, ...store }),
      sqlEnvironment({ URL: address, ...secrets }),
    );
    connections.push(connection);
    const block = sqlConnector.targetSchema.parse({ table: { name: table, key: "login", id } });
    return connection.target({ block, attributes: ["note", "at", "amount", "labels", "ref"] });
  };
  return {
    server,
    proxy,
    target,
    async fresh() {
      proxy.heal();
      await client?.end();
      const url = await server.createDatabase();
      client = new pg.Client({ connectionString: url });
      client.on("error", () => undefined);
      await client.connect();
      await client.query(`CREATE TABLE accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        login text NOT NULL UNIQUE, note varchar(1000), at timestamptz, amount numeric(10, 2), labels text[], ref uuid)`);
      return { connector: target(url.replace(String(server.port), String(proxy.port))), client, url };
    },
    async stop() {
      for (const connection of connections) await connection.close();
      await client?.end();
      await proxy.close();
      await server.stop();
    },
  };
}
