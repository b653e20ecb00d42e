import type { Call, ConnectorEnvironment } from "../../contract.ts";
import type { Relation } from "../database.ts";
import { SqlError } from "../errors.ts";
import { LineDatabase } from "../line-database.ts";
import { locate } from "../location.ts";
import type { SqlStore } from "../schema.ts";
import { standardDialect } from "../standard/dialect.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import type { OracleDb } from "./driver.ts";
import { OracleLine } from "./line.ts";

/** Oracle (12.1 or later) by its own protocol, without Oracle's client libraries. */
export class OracleDatabase extends LineDatabase<OracleLine> {
  readonly dialect = {
    ...standardDialect((position) => `:${position}`),
    now: "SYS_EXTRACT_UTC(SYSTIMESTAMP)",
  };

  constructor(configure: () => Promise<object>, load: () => Promise<OracleDb> = loadOracleDb) {
    super(async (signal) => OracleLine.open(await load(), await configure(), signal));
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return describeTable((query) => this.query(query, call), name);
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    const empty = `SELECT t.* FROM (${text}) t WHERE 1 = 0`;
    return describeQuery(await this.with(call, (line) => line.columns(empty, call.signal)));
  }

  async server(call: Call): Promise<string> {
    const text = "SELECT VERSION FROM PRODUCT_COMPONENT_VERSION WHERE PRODUCT LIKE 'Oracle%'";
    return `Oracle ${await this.ask(text, call)}`;
  }

  /** The database's and the pluggable one's names, and the schema that names without one lead to. */
  async fingerprint(call: Call): Promise<string> {
    const of = (name: string) => `SYS_CONTEXT('USERENV', '${name}')`;
    const parts = ["DB_UNIQUE_NAME", "CON_NAME", "CURRENT_SCHEMA"].map(of).join(" || ':' || ");
    return `oracle:${await this.ask(`SELECT ${parts} FROM DUAL`, call)}`;
  }
}

/** How to log in. */
export async function oracleConfig(store: SqlStore, environment: ConnectorEnvironment): Promise<object> {
  const { url, host, user, password, tls, ca } = await locate(store, environment, {
    scheme: /^oracle:$/,
    form: "oracle://user:password@host:1521/service",
  });
  const port = url.port || (tls ? "2484" : "1521");
  const address = host.includes(":") ? `[${host}]` : host;
  return {
    ...{ user, password },
    connectString: `${tls ? "tcps" : "tcp"}://${address}:${port}${url.pathname}`,
    connectTimeout: 10,
    ...(ca.ca === undefined ? {} : { walletContent: ca.ca }),
  };
}

async function loadOracleDb(): Promise<OracleDb> {
  try {
    const { default: module } = (await import("oracledb")) as unknown as { default: OracleDb };
    return module;
  } catch (error) {
    const why = "cannot load npm's oracledb: run npm install oracledb@7.0.1";
    throw new SqlError("Invalid", "Connection", why, error);
  }
}
