import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { startMariadb } from "../mariadb.ts";
import { startPostgres } from "../postgres.ts";
import type { Example } from "./example.ts";
import { asRollcall, lines, run } from "./sql-database.ts";

const inPostgres = `SELECT u.rolname || ': ' || concat_ws(', ', string_agg(r.rolname, ', ' ORDER BY r.rolname),
    CASE WHEN has_table_privilege(u.oid, 'sales.orders', 'SELECT') THEN 'orders' END) AS line
  FROM pg_roles u JOIN pg_auth_members m ON m.member = u.oid JOIN pg_roles r ON r.oid = m.roleid
  WHERE u.rolcanlogin AND u.rolname NOT IN ('postgres', 'rollcall') GROUP BY u.oid, u.rolname ORDER BY u.rolname`;

const inMariadb = `SELECT CONCAT(User, '@', Host, ': ', GROUP_CONCAT(Role ORDER BY Role SEPARATOR ', '),
    IF(EXISTS (SELECT 1 FROM mysql.tables_priv t WHERE t.User = m.User AND t.Host = m.Host), ', orders', '')) AS line
  FROM mysql.roles_mapping m WHERE User NOT IN ('root', 'owner', 'rollcall') GROUP BY User, Host ORDER BY User`;

export const sqlUsersExample: Example = {
  folder: "sql-users",
  holds: [
    "ada: analysts, people, orders",
    "charles: people",
    "ada@%: analysts, people, orders",
    "charles@%: people",
  ],
  async start(manifests) {
    await using stack = new AsyncDisposableStack();
    const [postgres, mariadb] = [stack.use(await startPostgres()), stack.use(await startMariadb())];
    const sql = (name: string) => readFile(join(manifests, `${name}.sql`), "utf8");
    await run(postgres.url, await sql("postgres"));
    const client = await createConnection({ uri: mariadb.url, multipleStatements: true });
    stack.defer(() => client.destroy());
    await client.query(await sql("mariadb"));
    const shop = new URL(mariadb.url);
    [shop.username, shop.password, shop.pathname] = ["rollcall", "change-me", "/sales"];
    const started = stack.move();
    return {
      environment: { WAREHOUSE_URL: await asRollcall(postgres.url), SHOP_URL: shop.href },
      own: {},
      async read() {
        const [rows] = await client.query<RowDataPacket[]>(inMariadb);
        return [...(await lines(postgres.url, inPostgres)), ...rows.map(({ line }) => line as string)];
      },
      [Symbol.asyncDispose]: () => started.disposeAsync(),
    };
  },
};
