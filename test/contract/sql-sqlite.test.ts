import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { makeFolder } from "../support/folder.ts";
import { type Client, sqlEnvironment, sqlHarness, sqlTables } from "./sql-harness.ts";
import { everything, type Harness } from "./subject.ts";
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
  start: startSqlite,
});

async function startSqlite(): Promise<Harness> {
  const folder = await makeFolder("sqlite");
  const path = join(folder.path, "application.db");
  let database = create(path);
  return sqlHarness({
    store: { dialect: "sqlite", file: "application.db" },
    environment: sqlEnvironment({}, folder.path),
    client: () => clientOf(database),
    list: {
      pack: (values) => JSON.stringify(values),
      unpack: (value) => JSON.parse(String(value)) as string[],
    },
    faults: {
      async replaceServer() {
        database.close();
        await rm(path);
        database = create(join(folder.path, "other.db"));
        await rename(join(folder.path, "other.db"), path);
      },
    },
    heal: async () => undefined,
    async stop() {
      database.close();
      await folder.remove();
    },
  });
}

function create(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec(sqlTables({ id: "INTEGER PRIMARY KEY", list: "text", binary: "blob" }));
  return database;
}

function clientOf(database: DatabaseSync): Client {
  return {
    async query(text, values = []) {
      return database.prepare(text.replaceAll("$", "?")).all(...(values as SQLInputValue[]));
    },
  };
}
