import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { fromMysql } from "../../src/connectors/sql/mysql/errors.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { mysqlUsers } from "../../src/connectors/sql/users/mysql-users.ts";
import {
  byName,
  call,
  delta,
  done,
  memberChange,
  members,
  modify,
  outcomes,
  refused,
  scan,
} from "../contract/bench.ts";
import { sqlEnvironment } from "../contract/sql-harness.ts";
import { makeFolder } from "../support/folder.ts";
import { mysqlTestedOn, startMysql } from "../support/mysql.ts";
import type { MysqlServer } from "../support/mysql-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

const create = (name: string, attributes: Record<string, readonly string[]> = {}, id = 1) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;
const password = { value: "Correct-Horse.7battery", mustChange: false };

function target(connection: StoreConnection, users: object, attributes: readonly string[]): Connector {
  return connection.target({ block: sqlConnector.targetSchema.parse({ users }), attributes });
}

test("users are no accounts in a database that has none", async () => {
  await using folder = await makeFolder();
  await writeFile(join(folder.path, "app.db"), "");
  const store = sqlConnector.storeSchema.parse({ dialect: "sqlite", file: "app.db" });
  const connection = sqlConnector.connect(store, sqlEnvironment({}, folder.path));
  const { problems } = await target(connection, {}, []).check(call());
  expect(problems).toEqual([expect.stringContaining("cannot be accounts")]);
  await connection.close();
});

// MariaDB keeps its users in other tables: its own tests are sql-users-mariadb.test.ts.
if (mysqlTestedOn === "MySQL")
  describe("users of MySQL", () => {
    let server: MysqlServer;
    let client: Connection;
    let connection: StoreConnection;

    beforeAll(async () => {
      server = await startMysql({ options: ["--general-log"] });
      client = await createConnection({ uri: server.url, multipleStatements: true });
      await client.query("CREATE TABLE orders (id int); CREATE PROCEDURE `odd ``one` () SELECT 1");
    });
    beforeEach(async () => {
      await client.query("CREATE ROLE people; CREATE ROLE staff");
      connection = connect(server.url);
    });
    afterEach(async () => {
      await connection.close();
      const kept = "User NOT IN ('root', 'owner') AND User NOT LIKE 'mysql.%'";
      for (const { User, Host } of await rows(`SELECT User, Host FROM mysql.user WHERE ${kept}`))
        await client.query("DROP USER ?@?", [User, Host]);
    });
    afterAll(async () => {
      client.destroy();
      await server.stop();
    });

    async function rows(text: string): Promise<RowDataPacket[]> {
      return (await client.query<RowDataPacket[]>(text))[0];
    }
    function connect(url: string, dialect = "mysql"): StoreConnection {
      const store = sqlConnector.storeSchema.parse({ dialect, url: { env: "URL" } });
      return sqlConnector.connect(store, sqlEnvironment({ URL: url }));
    }
    const people = (attributes: readonly string[] = ["comment"], by = connection) =>
      target(by, { memberOf: "people" }, attributes);
    /** Logs in as one who has these rights alone, each granted with a statement of its own. */
    async function as<T>(rights: readonly string[], work: (by: StoreConnection) => Promise<T>): Promise<T> {
      await client.query("CREATE USER manager@'%' IDENTIFIED BY 'manager'");
      for (const right of rights) await client.query(`GRANT ${right}`);
      const url = new URL(server.url);
      [url.username, url.password] = ["manager", "manager"];
      const manager = connect(url.href);
      return work(manager).finally(() => manager.close());
    }
    const managing = [
      "CREATE USER ON *.* TO manager",
      "SELECT ON mysql.* TO manager",
      "SELECT ON rollcall.* TO manager",
      "people TO manager WITH ADMIN OPTION",
    ];
    const logsIn = (user: string, value: string) =>
      createConnection({ host: "127.0.0.1", port: server.port, user, password: value }).then(
        (one) => {
          one.destroy();
          return true;
        },
        () => false,
      );
    const refs = (...names: string[]) => names.map((name) => ({ name, by: "Name" }) as const);
    const kinds = (refusals: ReadonlyMap<string, { kind: string }> | undefined) =>
      [...(refusals?.values() ?? [])].map(({ kind }) => kind);

    it("hold roles and privileges, those of components too, as SHOW GRANTS writes them", async () => {
      await client.query("CREATE DATABASE my_db");
      const connector = people();
      await done(connector, create("o'hara@%"));
      const account = await byName(connector, "o'hara@%");
      const names = [
        "BACKUP_ADMIN ON *.*",
        "EXECUTE ON PROCEDURE `rollcall`.`odd ``one`",
        "PROCESS ON *.*",
        "SELECT ON `my\\_db`.*",
        "SELECT ON `rollcall`.*",
        "UPDATE ON `rollcall`.`orders`",
        "staff",
      ];
      const found = await connector.entitlements(refs(...names), call());
      expect(found.map((one) => one?.name)).toEqual(names);
      for (const one of found)
        for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [account]));
      expect((await scan(connector, "entitlements")).map(({ name }) => name).sort()).toEqual(names);
      for (const one of found) {
        expect(await members(connector, one!.anchor), one!.name).toEqual([account.anchor]);
        for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [], [account]));
      }
      expect((await scan(connector, "entitlements")).map(({ name }) => name)).toEqual(["staff"]);
      await client.query("DROP DATABASE my_db");
    });

    it("hold no role that is named as privileges are, nor one of another host", async () => {
      await client.query(`CREATE ROLE \`SELECT ON \`\`rollcall\`\`.*\`; CREATE ROLE staff@localhost; CREATE USER ada;
        GRANT people, \`SELECT ON \`\`rollcall\`\`.*\`, staff@localhost TO ada`);
      const connector = people();
      const [select, staff] = await connector.entitlements(refs("SELECT ON `rollcall`.*", "staff"), call());
      expect(await members(connector, select!.anchor)).toEqual([]);
      expect(await members(connector, staff!.anchor)).toEqual([]);
      expect((await scan(connector, "entitlements")).map(({ name }) => name)).toEqual(["staff"]);
    });

    it("get passwords that no log of the server shows, and without one get in with none", async () => {
      const connector = people();
      await done(connector, { ...create("ada@%"), password });
      await done(connector, modify(await byName(connector, "ada@%"), { password }));
      expect(await logsIn("ada", password.value)).toBe(true);
      await done(connector, create("eve@%"));
      expect(await logsIn("eve", "")).toBe(false);
      const [names] = await rows("SELECT @@general_log_file AS file");
      for (const log of [String(names?.file), join(server.folder, "binlog.000001")]) {
        const text = await readFile(log, "latin1");
        expect(text).toMatch(/CREATE USER [`']ada/);
        expect(text).not.toContain(password.value);
      }
    });

    it("are read, and are refused what Rollcall's user may not grant", async () => {
      await as(managing, async (manager) => {
        const connector = people(["comment"], manager);
        expect((await connector.check(call())).problems).toEqual([]);
        await done(connector, create("ada@%", { comment: ["a"] }));
        const ada = await byName(connector, "ada@%");
        const wanted = refs("staff", "SELECT ON `rollcall`.*", "PROCESS ON *.*");
        for (const one of await connector.entitlements(wanted, call())) {
          const outcome = await done(connector, memberChange(one!, [ada]));
          expect(kinds(outcome.refused), one!.name).toEqual(["Denied"]);
        }
      });
    });

    it("are not read where rights hide who holds what", async () => {
      const rights = ["user", "role_edges", "global_grants", "procs_priv"].map(
        (table) => `SELECT ON mysql.${table} TO manager`,
      );
      await as([...rights, "SELECT ON rollcall.* TO manager"], async (manager) => {
        const { problems } = await people([], manager).check(call());
        expect(problems).toEqual([expect.stringContaining("GRANT SELECT ON mysql.*")]);
      });
    });

    it("that cannot be finished do not stay, and what else is in the batch is made", async () => {
      const alone = managing.slice(0, 3);
      await as(alone, async (manager) => {
        const results = await outcomes(people([], manager), [create("ada@%", {}, 1), create("bob@%", {}, 2)]);
        expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Denied", "Denied"]);
        expect(await rows("SELECT 1 FROM mysql.user WHERE User IN ('ada', 'bob')")).toEqual([]);
      });
    });

    it("whose making is cut short are in doubt, locked, and named with the cure", async () => {
      await using proxy = await startTcpProxy(server.port).then((one) => ({
        ...one,
        [Symbol.asyncDispose]: one.close,
      }));
      const cut = connect(server.url.replace(String(server.port), String(proxy.port)));
      const connector = people([], cut);
      await scan(connector);
      proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("GRANT `people`") });
      expect((await refused(connector, { ...create("ada@%"), password })).kind).toBe("InDoubt");
      expect(await logsIn("ada", password.value)).toBe(false);
      await client.query("REVOKE people FROM ada");
      const error = await refused(connector, create("ada@%"));
      expect(error.message).toContain("grant it that role, or drop it");
      await cut.close();
    });

    it("who are gone are not made by a GRANT, and who is kept for others' sake is Denied", async () => {
      const staff = { id: "staff", name: "staff" };
      const failing = (text: string) =>
        client.query(text).then(
          () => undefined,
          (error: unknown) => fromMysql(error).kind,
        );
      expect(await failing(mysqlUsers.grant("add", staff, ["ada@%"]))).toBe("NotFound");
      expect(await failing(mysqlUsers.grant("add", { id: "none", name: "none" }, ["owner@127.0.0.1"]))).toBe(
        "NotFound",
      );
      expect(await rows("SELECT 1 FROM mysql.user WHERE User = 'ada'")).toEqual([]);
      await client.query("SET GLOBAL mandatory_roles = 'staff'");
      expect(await failing("DROP ROLE staff")).toBe("Denied");
      await client.query("SET GLOBAL mandatory_roles = ''");
    });

    it("that have SUPER or SYSTEM_USER, or that Rollcall logs in as, are protected", async () => {
      await client.query(`CREATE USER super; GRANT SUPER ON *.* TO super; CREATE USER keeper; GRANT SYSTEM_USER ON *.* TO keeper;
        GRANT people TO super, keeper`);
      const connector = target(connection, {}, []);
      for (const [name, why] of [
        ["super@%", "SUPER"],
        ["keeper@%", "SYSTEM_USER"],
        ["owner@127.0.0.1", ""],
      ] as const) {
        const record = await byName(connector, name);
        expect(record.protected).toContain(why);
        expect((await refused(connector, modify(record, { enabled: false }))).kind).toBe("Denied");
      }
    });

    it("without memberOf are all there are, but no roles nor the server's own", async () => {
      await client.query("CREATE USER ada@localhost; CREATE USER ada; GRANT people TO ada");
      const names = (await scan(target(connection, {}, []))).map(({ name }) => name);
      expect(names.sort()).toEqual(["ada@%", "ada@localhost", "owner@127.0.0.1", "root@localhost"]);
      expect((await scan(people())).map(({ name }) => name)).toEqual(["ada@%"]);
    });

    it("have limits, TLS and own texts as attributes, changed by one statement", async () => {
      const values = {
        maxUserConnections: ["3"],
        maxQueriesPerHour: ["100"],
        requireTls: ["true"],
        "app.number": [`'; DROP USER x; -- \\ "`],
        comment: ["a\nb"],
      };
      const connector = people([...Object.keys(values), "maxStatementTime"]);
      expect((await connector.check(call())).problems).toEqual([expect.stringContaining("maxStatementTime")]);
      await done(connector, create("ada@%", values));
      const ada = await byName(connector, "ada@%");
      expect(ada.attributes).toEqual(values);
      const clear = Object.entries(values).map(([name, before]) =>
        delta(name, before, name === "requireTls" ? ["false"] : []),
      );
      await done(connector, modify(ada, { attributes: clear, enabled: false }));
      expect(await byName(connector, "ada@%")).toMatchObject({
        enabled: false,
        attributes: { requireTls: ["false"] },
      });
    });

    it("whose password is to be changed, or is past its age, are told of", async () => {
      const connector = people();
      await done(connector, { ...create("ada@%"), password: { ...password, mustChange: true } });
      const ada = await byName(connector, "ada@%");
      expect(ada.trouble).toEqual(["MustChangePassword"]);
      await done(connector, modify(ada, { password }));
      expect((await byName(connector, "ada@%")).trouble).toBeUndefined();
      await client.query(`ALTER USER ada PASSWORD EXPIRE INTERVAL 1 DAY;
        UPDATE mysql.user SET password_last_changed = '2020-01-01' WHERE User = 'ada'; FLUSH PRIVILEGES`);
      expect((await byName(connector, "ada@%")).trouble).toEqual(["PasswordExpired"]);
    });

    it("have names of the form user@host, that the server keeps as they are", async () => {
      const connector = people();
      const wrong = ["ada", "@%", "ada@", "ada @%", " ada@%", "ada@LocalHost", "😀@%", `${"x".repeat(33)}@%`];
      for (const name of wrong) expect((await refused(connector, create(name))).kind, name).toBe("Invalid");
      await done(connector, create("ada@example.org@10.0.0.%"));
      expect(await rows("SELECT User, Host FROM mysql.user WHERE User LIKE 'ada%'")).toEqual([
        { User: "ada@example.org", Host: "10.0.0.%" },
      ]);
    });

    it("that are there, and not in the group, are a Conflict; by MariaDB's dialect nobody is there", async () => {
      await client.query("CREATE USER ada IDENTIFIED BY 'hers'");
      expect((await refused(people(), create("ada@%"))).kind).toBe("Conflict");
      expect(await logsIn("ada", "hers")).toBe(true);
      const mariadb = connect(server.url, "mariadb");
      const { problems } = await people([], mariadb).check(call());
      expect(problems).toEqual([expect.stringContaining("set the store's dialect to mysql")]);
      await mariadb.close();
    });
  });
