import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startPostgres } from "../postgres.ts";
import type { Example } from "./example.ts";

const held = `SELECT login || ': ' || coalesce(string_agg(roles.name, ', '), '') AS line FROM laboratory.users
  LEFT JOIN laboratory.user_roles ON user_id = users.id LEFT JOIN laboratory.roles ON role_id = roles.id
  GROUP BY login ORDER BY login`;

export const sqlExample: Example = {
  folder: "sql",
  holds: ["ada: results-read", "charles: "],
  async start(manifests) {
    const server = await startPostgres();
    const database = await server.createDatabase();
    const query = async (text: string): Promise<pg.QueryResult<{ line: string }>> => {
      const client = new pg.Client(database);
      await client.connect();
      try {
        return await client.query(text);
      } finally {
        await client.end();
      }
    };
    await query(await readFile(join(manifests, "schema.sql"), "utf8"));
    await query("ALTER ROLE rollcall PASSWORD 'rollcall-secret'");
    const url = new URL(database);
    [url.username, url.password] = ["rollcall", "rollcall-secret"];
    return {
      environment: { LABORATORY_DB_URL: url.href },
      own: {},
      read: async () => (await query(held)).rows.map(({ line }) => line),
      [Symbol.asyncDispose]: () => server.stop(),
    };
  },
};
