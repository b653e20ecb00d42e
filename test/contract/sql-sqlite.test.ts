import { startSqliteHarness } from "./sql-sqlite-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (SQLite)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
    multiValued: "SQLite has no lists",
    droppedMidPage: "a file has no connection",
    restart: "a file has no server",
    lostAnswer: "a file answers in the same call",
    wrongPassword: "SQLite knows no passwords",
    readOnly: "SQLite knows no credentials",
  },
  start: () => startSqliteHarness({ store: { dialect: "sqlite", file: "application.db" }, binary: "blob" }),
});
