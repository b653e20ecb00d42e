import { startMariadb } from "../../test/support/mariadb.ts";
import { seconds } from "../tool.ts";
import { type BenchDatabase, peopleTable } from "./database.ts";

export async function mariadb(): Promise<BenchDatabase> {
  const server = await startMariadb({ fsync: true });
  const options = ["--no-defaults", "--user=root", `--socket=${server.socket}`, "--local-infile=1"];
  const run = (database: string, sql: string) =>
    seconds("mariadb", [...options, "--batch", "--quick", database, "-e", sql]);
  return {
    name: "MariaDB",
    store: { dialect: "mariadb", url: { env: "DATABASE_URL" } },
    tools: { load: "LOAD DATA", read: "SELECT by mariadb", marker: "binary log" },
    goal: 3,
    async table() {
      const url = await server.createDatabase();
      const name = new URL(url).pathname.slice(1);
      await run(name, peopleTable("varchar(100)", "datetime"));
      return {
        environment: { DATABASE_URL: url },
        root: server.folder,
        load: (file) =>
          run(
            name,
            `load data local infile '${file}' into table people fields terminated by ',' (login, mail, number, department, title)`,
          ),
        read: () => run(name, "select * from people"),
        async touch() {
          await run(name, "create or replace table other (a int)");
        },
      };
    },
    [Symbol.asyncDispose]: server.stop,
  };
}
