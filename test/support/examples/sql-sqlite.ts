import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Example } from "./example.ts";

export const sqlSqliteExample: Example = {
  folder: "sql-sqlite",
  holds: ['ada: ["laboratory"]', "charles: []"],
  async start(manifests) {
    const database = new DatabaseSync(join(manifests, "turnstile.db"));
    database.exec(await readFile(join(manifests, "schema.sql"), "utf8"));
    return {
      environment: {},
      own: {},
      async read() {
        const rows = database.prepare("SELECT login, permissions FROM users ORDER BY login").all();
        return rows.map(({ login, permissions }) => `${login}: ${permissions}`);
      },
      async [Symbol.asyncDispose]() {
        database.close();
      },
    };
  },
};
