import type { Call, ConnectorEnvironment } from "../../contract.ts";
import type { Relation } from "../database.ts";
import { SqlError } from "../errors.ts";
import { LineDatabase } from "../line-database.ts";
import { locate } from "../location.ts";
import type { SqlStore } from "../schema.ts";
import { standardDialect } from "../standard/dialect.ts";
import { describeQuery, describeTable } from "./catalog.ts";
import type { Tedious } from "./driver.ts";
import { SqlServerLine } from "./line.ts";

/** SQL Server (2017 or later) by its own protocol. */
export class SqlServerDatabase extends LineDatabase<SqlServerLine> {
  readonly dialect = { ...standardDialect((position) => `@p${position}`), now: "SYSUTCDATETIME()" };
  protected override readonly savepoints = {
    set: "SAVE TRANSACTION rollcall",
    undo: "ROLLBACK TRANSACTION rollcall",
  };

  constructor(configure: () => Promise<object>, load: () => Promise<Tedious> = loadTedious) {
    super(async (signal) => SqlServerLine.open(await load(), await configure(), signal));
  }

  describeTable(name: string, call: Call): Promise<Relation> {
    return describeTable((query) => this.query(query, call), name);
  }

  async describeQuery(text: string, call: Call): Promise<Relation> {
    const empty = `SELECT t.* FROM (${text}) t WHERE 1 = 0`;
    return describeQuery(await this.with(call, (line) => line.columns(empty, call.signal)));
  }

  async server(call: Call): Promise<string> {
    return `SQL Server ${await this.ask("SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion'))", call)}`;
  }

  /** Made with the database, and kept by it when it is restored elsewhere. */
  async fingerprint(call: Call): Promise<string> {
    const text = "SELECT database_guid FROM sys.database_recovery_status WHERE database_id = DB_ID()";
    return `sqlserver:${await this.ask(text, call)}`;
  }
}

/** How to log in. */
export async function sqlServerConfig(store: SqlStore, environment: ConnectorEnvironment): Promise<object> {
  const { url, host, user, password, database, tls, ca } = await locate(store, environment, {
    scheme: /^sqlserver:$/,
    form: "sqlserver://user:password@host:1433/database",
  });
  return {
    server: host,
    authentication: { type: "default", options: { userName: user, password } },
    options: {
      port: Number(url.port || 1433),
      database,
      encrypt: tls,
      trustServerCertificate: false,
      ...(ca.ca === undefined ? {} : { cryptoCredentialsDetails: ca }),
      appName: "rollcall",
      connectTimeout: 10_000,
      // A call that takes too long is ended by whoever made it.
      requestTimeout: 0,
      useUTC: true,
    },
  };
}

async function loadTedious(): Promise<Tedious> {
  try {
    return (await import("tedious")) as unknown as Tedious;
  } catch (error) {
    const why = "cannot load npm's tedious: run npm install tedious@20.3.9";
    throw new SqlError("Invalid", "Connection", why, error);
  }
}
