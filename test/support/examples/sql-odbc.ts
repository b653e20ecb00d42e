import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { odbcDrivers } from "../odbc.ts";
import type { Example } from "./example.ts";

export const sqlOdbcExample: Example = {
  folder: "sql-odbc",
  holds: ["ada: laboratory", "charles: "],
  async start(manifests) {
    const path = join(manifests, "turnstile.db");
    const database = new DatabaseSync(path);
    database.exec(await readFile(join(manifests, "schema.sql"), "utf8"));
    return {
      environment: { TURNSTILE_CONNECTION: `Database=${path};FKSupport=1` },
      options: ["--odbc-driver", odbcDrivers.sqlite],
      own: {},
      async read() {
        const rows = database
          .prepare(
            `SELECT login, coalesce(permission, '') AS permission
             FROM users LEFT JOIN user_permissions ON user_id = id ORDER BY login`,
          )
          .all();
        return rows.map(({ login, permission }) => `${login}: ${permission}`);
      },
      async [Symbol.asyncDispose]() {
        database.close();
      },
    };
  },
};
