import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "../postgres.ts";
import type { Example } from "./example.ts";
import { asRollcall, lines, run } from "./sql-database.ts";

const held = `SELECT login || ': ' || coalesce(string_agg(roles.name, ', '), '') AS line FROM laboratory.users
  LEFT JOIN laboratory.user_roles ON user_id = users.id LEFT JOIN laboratory.roles ON role_id = roles.id
  GROUP BY login ORDER BY login`;

export const sqlExample: Example = {
  folder: "sql",
  holds: ["ada: results-read", "charles: "],
  async start(manifests) {
    const server = await startPostgres();
    const database = await server.createDatabase();
    await run(database, await readFile(join(manifests, "schema.sql"), "utf8"));
    return {
      environment: { LABORATORY_DB_URL: await asRollcall(database) },
      own: {},
      read: () => lines(database, held),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
