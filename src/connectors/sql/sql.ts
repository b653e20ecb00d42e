import type { PoolConfig } from "pg";
import type { ConnectorEnvironment, ConnectorType, StoreConnection, TargetOptions } from "../contract.ts";
import { SqlConnector } from "./connector.ts";
import type { Database } from "./database.ts";
import { errorRows } from "./error-rows.ts";
import { explain } from "./errors.ts";
import { odbcConfig } from "./odbc/config.ts";
import { OdbcDatabase } from "./odbc/database.ts";
import { PostgresDatabase } from "./postgres.ts";
import { postgresConfig } from "./postgres-config.ts";
import { type SqlStore, type SqlTarget, sqlStore, sqlTarget } from "./schema.ts";
import { SqliteDatabase } from "./sqlite.ts";
import type { UserCatalog } from "./users/catalog.ts";
import { postgresUsers } from "./users/postgres-users.ts";

export const sqlConnector: ConnectorType<SqlStore, SqlTarget> = {
  name: "sql",
  summary: "Accounts in a table, or behind own statements, in PostgreSQL or SQLite.",
  storeSchema: sqlStore,
  targetSchema: sqlTarget,
  errors: errorRows,
  connect(store, environment): StoreConnection<SqlTarget> {
    const database = open(store, environment);
    return {
      async fingerprint(call) {
        try {
          return await database.fingerprint(call);
        } catch (error) {
          throw explain(error, "tell which database this is");
        }
      },
      target: (options: TargetOptions<SqlTarget>) =>
        new SqlConnector(database, users.get(store.dialect), options),
      close: () => database.close(),
    };
  },
};

const users: ReadonlyMap<SqlStore["dialect"], UserCatalog> = new Map([["postgres", postgresUsers]]);

function open(store: SqlStore, environment: ConnectorEnvironment): Database {
  const { odbc } = store;
  if (odbc) return new OdbcDatabase(odbc, () => odbcConfig(odbc, environment));
  if (store.dialect === "sqlite") return new SqliteDatabase(() => environment.path(store.file!));
  return new PostgresDatabase((): Promise<PoolConfig> => postgresConfig(store, environment));
}
