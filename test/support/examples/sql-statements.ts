import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "../postgres.ts";
import type { Example } from "./example.ts";
import { asRollcall, lines, run } from "./sql-database.ts";

const held = `SELECT login || ': ' || coalesce(string_agg(title, ', '), '') AS line FROM library.users u
  LEFT JOIN library.desk_keys ON user_id = u.id LEFT JOIN library.desks ON code = desk GROUP BY login ORDER BY login`;

export const sqlStatementsExample: Example = {
  folder: "sql-statements",
  holds: ["ada: Reading room", "charles: "],
  async start(manifests) {
    const server = await startPostgres();
    const database = await server.createDatabase();
    await run(database, await readFile(join(manifests, "schema.sql"), "utf8"));
    return {
      environment: { LIBRARY_DB_URL: await asRollcall(database) },
      own: {},
      read: () => lines(database, held),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
