import { startPostgresHarness } from "./sql-postgres-harness.ts";
import { everything } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (PostgreSQL)",
  features: {
    ...everything,
    passwords: "each application hashes passwords its own way",
    restore: "a deleted row is gone",
  },
  start: () =>
    startPostgresHarness(
      {
        store: (env) => ({ dialect: "postgres", url: { env } }),
        secret: ({ user, password, port, database }) =>
          `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
      },
      "text[]",
    ),
});
