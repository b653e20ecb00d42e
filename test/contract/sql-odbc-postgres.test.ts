import { startPostgresHarness } from "./sql-postgres-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const driver = "PostgreSQL Unicode";

contractSuite({
  name: "sql (PostgreSQL over ODBC)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
    multiValued: "ODBC has no lists",
  },
  start: () =>
    startPostgresHarness({
      store: (env) => ({
        dialect: "odbc",
        odbc: {
          driver,
          connection: { env },
          identity: "SELECT system_identifier FROM pg_control_system()",
        },
      }),
      secret: ({ user, password, port, database }) =>
        `Server=127.0.0.1;Port=${port};Database=${database};UID=${user};PWD=${password}`,
      environment: { odbcDrivers: [driver] },
      list: "text",
    }),
});
