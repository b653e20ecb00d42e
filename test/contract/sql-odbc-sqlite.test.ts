import { odbcDrivers, odbcStore } from "../support/odbc.ts";
import { startSqliteHarness } from "./sql-sqlite-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (SQLite over ODBC)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
    multiValued: "ODBC has no lists",
    droppedMidPage: "a file has no connection",
    restart: "a file has no server",
    lostAnswer: "a file answers in the same call",
    wrongPassword: "SQLite knows no passwords",
    readOnly: "SQLite knows no credentials",
    otherServer: "an SQLite file has no name of its own that a statement could tell",
  },
  start: () =>
    startSqliteHarness({
      store: odbcStore("sqlite", "FILE"),
      secrets: (path) => ({ FILE: `Database=${path};Timeout=5000` }),
      environment: { odbcDrivers: [odbcDrivers.sqlite] },
      // Without a length the driver reads 255 bytes.
      binary: "blob(1000)",
    }),
});
