import { odbcDrivers, odbcLogin, odbcStore } from "../support/odbc.ts";
import { startPostgresHarness } from "./sql-postgres-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (PostgreSQL over ODBC)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
    multiValued: "ODBC has no lists",
  },
  start: () =>
    startPostgresHarness(
      {
        store: (variable) => odbcStore("postgres", variable),
        secret: (place) => odbcLogin("postgres", place),
        environment: { odbcDrivers: [odbcDrivers.postgres] },
      },
      "text",
    ),
});
