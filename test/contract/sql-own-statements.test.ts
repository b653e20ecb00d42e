import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import type { ServerWay } from "./sql-harness.ts";
import { startMariadbHarness } from "./sql-mariadb-harness.ts";
import { startPostgresHarness } from "./sql-postgres-harness.ts";
import { startSqliteHarness } from "./sql-sqlite-harness.ts";
import { everything, type Features, type Harness } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features: Features = {
  ...everything,
  createEntitlements: "no own statement makes an entitlement",
  passwords: "each application hashes passwords its own way",
  restore: "a deleted row is gone",
};

const statements = {
  scan: "SELECT id, login AS name, disabled, mail, note, tags, photo FROM accounts",
  insert: `INSERT INTO accounts (login) VALUES (:name);
    UPDATE accounts SET mail = :mail, note = :note, tags = :tags, photo = :photo WHERE login = :name`,
  update:
    "UPDATE accounts SET login = :name, mail = :mail, note = :note, tags = :tags, photo = :photo WHERE id = :id",
  disable: "UPDATE accounts SET disabled = true WHERE id = :id",
  enable: "UPDATE accounts SET disabled = false WHERE id = :id",
  delete: "DELETE FROM accounts WHERE id = :id",
  entitlements: "SELECT id, name FROM roles",
  members: "SELECT role AS entitlement, account FROM account_roles",
  grant: "INSERT INTO account_roles (account, role) VALUES (:account, :entitlement)",
  revoke: "DELETE FROM account_roles WHERE account = :account AND role = :entitlement",
};

contractSuite({
  name: "sql (own statements in PostgreSQL)",
  features,
  start: () => byStatements(startPostgresHarness(way("postgres", "postgres"), "text[]")),
});

contractSuite({
  name: "sql (own statements in MariaDB)",
  features: { ...features, multiValued: "MariaDB has no lists" },
  start: () => byStatements(startMariadbHarness(way("mariadb", "mysql"))),
});

contractSuite({
  name: `sql (own statements in MySQL's dialect, on ${mysqlTestedOn})`,
  features: { ...features, multiValued: "MySQL has no lists" },
  start: () => byStatements(startMariadbHarness(way("mysql", "mysql"), { start: startMysql })),
});

contractSuite({
  name: "sql (own statements in SQLite)",
  features: {
    ...features,
    multiValued: "SQLite has no lists",
    droppedMidPage: "a file has no connection",
    restart: "a file has no server",
    lostAnswer: "a file answers in the same call",
    wrongPassword: "SQLite knows no passwords",
    readOnly: "SQLite knows no credentials",
  },
  start: () =>
    byStatements(
      startSqliteHarness({ store: { dialect: "sqlite", file: "application.db" }, binary: "blob" }),
    ),
});

/** The same tables, behind statements. */
async function byStatements(started: Promise<Harness>): Promise<Harness> {
  const harness = await started;
  const misfit = { target: { statements: { scan: "SELECT nothing FROM nowhere" } }, attributes: ["mail"] };
  return { ...harness, target: { statements }, misfit };
}

function way(dialect: string, scheme: string): ServerWay {
  return {
    store: (env) => ({ dialect, url: { env } }),
    secret: ({ user, password, port, database }) =>
      `${scheme}://${user}:${password}@127.0.0.1:${port}/${database}`,
  };
}
