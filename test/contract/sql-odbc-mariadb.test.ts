import { odbcDrivers, odbcLogin, odbcStore } from "../support/odbc.ts";
import { startMariadbHarness } from "./sql-mariadb-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (MariaDB over ODBC)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
    multiValued: "ODBC has no lists",
  },
  start: () =>
    startMariadbHarness({
      store: (variable) => odbcStore("mariadb", variable),
      secret: (place) => odbcLogin("mariadb", place),
      environment: { odbcDrivers: [odbcDrivers.mariadb] },
      booleans: { yes: "1", no: "0" },
    }),
});
