import type { ConnectorEnvironment, ConnectorType, StoreConnection, TargetOptions } from "../contract.ts";
import { SqlConnector } from "./connector.ts";
import type { Database } from "./database.ts";
import { errorRows } from "./error-rows.ts";
import { explain } from "./errors.ts";
import { mysqlConfig } from "./mysql/config.ts";
import { MysqlDatabase } from "./mysql/database.ts";
import { mariadbDialect, mysqlDialect } from "./mysql/dialect.ts";
import { odbcConfig } from "./odbc/config.ts";
import { OdbcDatabase } from "./odbc/database.ts";
import { OracleDatabase, oracleConfig } from "./oracle/database.ts";
import { postgresConfig } from "./postgres/config.ts";
import { PostgresDatabase } from "./postgres/database.ts";
import { type SqlStore, type SqlTarget, sqlStore, sqlTarget } from "./schema.ts";
import { SqliteDatabase } from "./sqlite/database.ts";
import { SqlServerDatabase, sqlServerConfig } from "./sqlserver/database.ts";
import type { UserCatalog } from "./users/catalog.ts";
import { mariadbUsers } from "./users/mariadb-users.ts";
import { mysqlUsers } from "./users/mysql-users.ts";
import { postgresUsers } from "./users/postgres-users.ts";

export const sqlConnector: ConnectorType<SqlStore, SqlTarget> = {
  name: "sql",
  summary:
    "Accounts in a table, behind own statements, or a database's own users: PostgreSQL, MariaDB, MySQL, SQLite, SQL Server, Oracle, ODBC.",
  storeSchema: sqlStore,
  targetSchema: sqlTarget,
  errors: errorRows,
  connect(store, environment): StoreConnection<SqlTarget> {
    const database = openers[store.dialect](store, environment);
    return {
      async fingerprint(call) {
        try {
          return await database.fingerprint(call);
        } catch (error) {
          throw explain(error, "connect to the database");
        }
      },
      target: (options: TargetOptions<SqlTarget>) =>
        new SqlConnector(database, users.get(store.dialect), options),
      close: () => database.close(),
    };
  },
};

const users: ReadonlyMap<SqlStore["dialect"], UserCatalog> = new Map([
  ["postgres", postgresUsers],
  ["mariadb", mariadbUsers],
  ["mysql", mysqlUsers],
]);

const openers: Readonly<
  Record<SqlStore["dialect"], (store: SqlStore, environment: ConnectorEnvironment) => Database>
> = {
  postgres: (store, environment) => new PostgresDatabase(() => postgresConfig(store, environment)),
  mariadb: (store, environment) => new MysqlDatabase(mariadbDialect, () => mysqlConfig(store, environment)),
  mysql: (store, environment) => new MysqlDatabase(mysqlDialect, () => mysqlConfig(store, environment)),
  sqlserver: (store, environment) => new SqlServerDatabase(() => sqlServerConfig(store, environment)),
  oracle: (store, environment) => new OracleDatabase(() => oracleConfig(store, environment)),
  odbc: ({ odbc }, environment) => new OdbcDatabase(odbc!, () => odbcConfig(odbc!, environment)),
  sqlite: (store, environment) => new SqliteDatabase(() => environment.path(store.file!)),
};
