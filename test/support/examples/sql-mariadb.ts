import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { startMariadb } from "../mariadb.ts";
import type { Example } from "./example.ts";

const held = `SELECT concat(login, ': ', coalesce(group_concat(permission ORDER BY permission SEPARATOR ', '), '')) AS line
  FROM users LEFT JOIN permissions ON user_id = id GROUP BY login ORDER BY login`;

export const sqlMariadbExample: Example = {
  folder: "sql-mariadb",
  holds: ["ada: edit, upload", "charles: "],
  async start(manifests) {
    const server = await startMariadb();
    const database = await server.createDatabase();
    const client = await createConnection({ uri: database, multipleStatements: true });
    await client.query(await readFile(join(manifests, "schema.sql"), "utf8"));
    await client.query("SET PASSWORD FOR rollcall = PASSWORD('rollcall')");
    return {
      environment: { WIKI_DB_URL: database.replace(/\/\/[^@]*@/, "//rollcall:rollcall@") },
      own: {},
      async read() {
        const [rows] = await client.query<RowDataPacket[]>(held);
        return rows.map(({ line }) => String(line));
      },
      async [Symbol.asyncDispose]() {
        client.destroy();
        await server.stop();
      },
    };
  },
};
