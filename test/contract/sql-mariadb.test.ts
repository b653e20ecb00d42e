import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import type { ServerWay } from "./sql-harness.ts";
import { startMariadbHarness } from "./sql-mariadb-harness.ts";
import { everything } from "./subject.ts";
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
  start: () => startMariadbHarness(by("mariadb")),
});

// MySQL has no RETURNING, and its usual collations tell more letters apart.
contractSuite({
  name: `sql (MySQL's dialect, on ${mysqlTestedOn})`,
  features,
  start: () =>
    startMariadbHarness(by("mysql"), { start: startMysql, name: "varchar(400) COLLATE utf8mb4_bin" }),
});

function by(dialect: "mariadb" | "mysql"): ServerWay {
  return {
    store: (env) => ({ dialect, url: { env } }),
    secret: ({ user, password, port, database }) =>
      `mysql://${user}:${password}@127.0.0.1:${port}/${database}`,
  };
}
