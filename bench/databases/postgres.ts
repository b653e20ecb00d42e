import { startPostgres } from "../../test/support/postgres.ts";
import { seconds } from "../tool.ts";
import { type BenchDatabase, peopleTable } from "./database.ts";

export async function postgres(): Promise<BenchDatabase> {
  const server = await startPostgres({ fsync: true });
  const run = (url: string, sql: string) => seconds("psql", ["-X", "-q", url, "-c", sql]);
  return {
    name: "PostgreSQL",
    store: { dialect: "postgres", url: { env: "DATABASE_URL" } },
    tools: { load: "\\copy", read: "COPY TO", marker: "snapshot" },
    goal: 2.5,
    async table() {
      const url = await server.createDatabase();
      await run(url, peopleTable("text", "timestamptz"));
      return {
        environment: { DATABASE_URL: url },
        root: server.folder,
        load: (file) => run(url, `\\copy people (login, mail, number, department, title) from '${file}' csv`),
        read: () => run(url, "copy (select login, xmin from people) to stdout"),
        async touch() {
          await run(url, "create table if not exists other (); select txid_current()");
        },
      };
    },
    [Symbol.asyncDispose]: server.stop,
  };
}
