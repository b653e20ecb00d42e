import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../test/support/folder.ts";
import { seconds } from "../tool.ts";
import { type BenchDatabase, peopleTable } from "./database.ts";

export async function sqlite(): Promise<BenchDatabase> {
  const folder = await makeFolder("bench-sqlite");
  let count = 0;
  return {
    name: "SQLite",
    store: { dialect: "sqlite", file: "people.db" },
    tools: { load: ".import", read: "SELECT by sqlite3", marker: "data_version" },
    goal: 3,
    async table() {
      const root = join(folder.path, String(++count));
      const file = join(root, "people.db");
      const run = (...commands: string[]) => seconds("sqlite3", ["-bail", file, ...commands]);
      await mkdir(root);
      await run(peopleTable("text", "timestamp"));
      return {
        environment: {},
        root,
        // The shell fills all columns of a table, and the last one is not in the file.
        async load(rows) {
          await run("alter table people drop column disabled");
          return run(`.import --csv '${rows}' people`);
        },
        read: () => run("select * from people"),
        async touch() {
          await run("create table if not exists other (a); insert into other values (1)");
        },
      };
    },
    [Symbol.asyncDispose]: folder.remove,
  };
}
