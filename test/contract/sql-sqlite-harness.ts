import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { ConnectorEnvironment } from "../../src/connectors/contract.ts";
import { makeFolder } from "../support/folder.ts";
import { type Client, sqlEnvironment, sqlHarness, sqlTables } from "./sql-harness.ts";
import type { Harness } from "./subject.ts";

/** How a connector goes to the file `application.db` of a folder. */
export interface Way {
  readonly store: unknown;
  secrets?(path: string): Readonly<Record<string, string>>;
  readonly environment?: Partial<ConnectorEnvironment>;
  /** The type of a column with binary values. */
  readonly binary: string;
}

/** A harness around a real SQLite file. */
export async function startSqliteHarness(way: Way): Promise<Harness> {
  const folder = await makeFolder("sqlite");
  const path = join(folder.path, "application.db");
  let database = create(path, way.binary);
  return sqlHarness({
    store: way.store,
    environment: { ...sqlEnvironment(way.secrets?.(path) ?? {}, folder.path), ...way.environment },
    client: () => clientOf(database),
    list: {
      pack: (values) => JSON.stringify(values),
      unpack: (value) => JSON.parse(String(value)) as string[],
    },
    faults: {
      async replaceServer() {
        database.close();
        await rm(path);
        database = create(join(folder.path, "other.db"), way.binary);
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

function create(path: string, binary: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec(sqlTables({ id: "INTEGER PRIMARY KEY", list: "text", binary }));
  return database;
}

function clientOf(database: DatabaseSync): Client {
  return {
    async query(text, values = []) {
      return database.prepare(text.replaceAll("$", "?")).all(...(values as SQLInputValue[]));
    },
  };
}
