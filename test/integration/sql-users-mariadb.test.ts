import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { mariadbUsers } from "../../src/connectors/sql/users/mariadb-users.ts";
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
import { startMariadb } from "../support/mariadb.ts";
import type { MysqlServer } from "../support/mysql-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait.ts";

const create = (name: string, attributes: Record<string, readonly string[]> = {}, id = 1) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;

describe("users of MariaDB", () => {
  let server: MysqlServer;
  let client: Connection;
  let connection: StoreConnection;

  beforeAll(async () => {
    server = await startMariadb({ options: ["--general-log"] });
    client = await createConnection({ uri: server.url, multipleStatements: true });
    await client.query("CREATE TABLE orders (id int); CREATE PROCEDURE `odd ``one` () SELECT 1");
  });
  beforeEach(async () => {
    await client.query("CREATE ROLE people; CREATE ROLE staff");
    connection = connect(server.url);
  });
  afterEach(async () => {
    await connection.close();
    for (const { User, Host, role } of await rows(
      "SELECT User, Host, JSON_VALUE(Priv, '$.is_role') AS role FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys', 'owner')",
    ))
      await client.query(role === null ? "DROP USER ?@?" : "DROP ROLE ?", [User, Host]);
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });

  async function rows(text: string): Promise<RowDataPacket[]> {
    return (await client.query<RowDataPacket[]>(text))[0];
  }

  function connect(url: string, dialect = "mariadb"): StoreConnection {
    const store = sqlConnector.storeSchema.parse({ dialect, url: { env: "URL" } });
    return sqlConnector.connect(store, sqlEnvironment({ URL: url }));
  }

  function target(
    users: object = { memberOf: "people" },
    attributes = ["comment"],
    by = connection,
  ): Connector {
    return by.target({ block: sqlConnector.targetSchema.parse({ users }), attributes });
  }

  /** Logs in as one who may create users and pass the group's role on, and change nothing else of them. */
  async function asManager<T>(work: (manager: StoreConnection) => Promise<T>): Promise<T> {
    await client.query(
      "CREATE USER manager@'%' IDENTIFIED BY 'manager'; GRANT CREATE USER ON *.* TO manager; GRANT SELECT ON mysql.* TO manager; GRANT SELECT ON rollcall.* TO manager; GRANT people TO manager WITH ADMIN OPTION",
    );
    const url = new URL(server.url);
    [url.username, url.password] = ["manager", "manager"];
    const manager = connect(url.href);
    return work(manager).finally(() => manager.close());
  }

  function logsIn(user: string, password: string): Promise<boolean> {
    return createConnection({ host: "127.0.0.1", port: server.port, user, password }).then(
      (one) => {
        one.destroy();
        return true;
      },
      () => false,
    );
  }

  const refs = (...names: string[]) => names.map((name) => ({ name, by: "Name" }) as const);
  const kinds = (refusals: ReadonlyMap<string, { kind: string }> | undefined) =>
    [...(refusals?.values() ?? [])].map(({ kind }) => kind);

  it("hold no role that is named as privileges are: the privilege would be granted in its place", async () => {
    await client.query(
      "CREATE ROLE `ALL PRIVILEGES ON *.*`; CREATE ROLE `SELECT ON ``rollcall``.*`; CREATE USER ada@'%' IDENTIFIED BY 'a'; GRANT people TO ada@'%'; GRANT `SELECT ON ``rollcall``.*` TO ada@'%'",
    );
    const connector = target();
    const [all, select] = await connector.entitlements(
      refs("ALL PRIVILEGES ON *.*", "SELECT ON `rollcall`.*"),
      call(),
    );
    expect(all).toBeUndefined();
    expect(await members(connector, select!.anchor)).toEqual([]);
    expect(await scan(connector, "entitlements")).toEqual([expect.objectContaining({ name: "staff" })]);
    const forged = { anchor: "ALL PRIVILEGES ON *.*", name: "ALL PRIVILEGES ON *.*" };
    expect((await refused(connector, memberChange(forged, [await byName(connector, "ada@%")]))).kind).toBe(
      "NotFound",
    );
    const ensured = { id: 1, kind: "members", entitlement: undefined, name: "up ON down" } as const;
    const change = { ...ensured, create: { attributes: {} }, add: [], remove: [] };
    expect((await refused(connector, change)).kind).toBe("Invalid");
  });

  it("hold privileges on the server, databases, tables and routines, as SHOW GRANTS writes them", async () => {
    const connector = target();
    await done(connector, create("o'hara@%"));
    const account = await byName(connector, "o'hara@%");
    const names = [
      "PROCESS ON *.*",
      "SELECT ON `rollcall`.*",
      "UPDATE ON `rollcall`.`orders`",
      "EXECUTE ON PROCEDURE `rollcall`.`odd ``one`",
      "staff",
    ];
    const found = await connector.entitlements(refs(...names), call());
    expect(found.map((one) => one?.name)).toEqual(names);
    for (const one of found)
      for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [account]));
    expect((await scan(connector, "entitlements")).map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const one of found) {
      expect(await members(connector, one!.anchor), one!.name).toEqual([account.anchor]);
      for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [], [account]));
    }
    expect((await scan(connector, "entitlements")).map(({ name }) => name)).toEqual(["staff"]);
  });

  it("hold a privilege on one database alone, whatever is in its name, where the grant says so", async () => {
    await client.query("CREATE DATABASE `my_db`; CREATE DATABASE `myxdb`");
    const connector = target();
    const password = { value: "Correct-Horse.7battery", mustChange: false };
    await done(connector, { ...create("ada@%"), password });
    const ada = await byName(connector, "ada@%");
    const opens = async () => {
      const place = { host: "127.0.0.1", port: server.port, user: "ada", password: password.value };
      const one = await createConnection(place);
      const [seen] = await one.query<RowDataPacket[]>("SHOW DATABASES LIKE 'my%db'");
      one.destroy();
      return seen.flatMap((row) => Object.values(row)).sort();
    };
    const names = ["SELECT ON `my\\_db`.*", "SELECT ON `my_db`.*"];
    const [exact, pattern] = await connector.entitlements(refs(...names), call());
    await done(connector, memberChange(exact!, [ada]));
    expect(await opens()).toEqual(["my_db"]);
    expect(await members(connector, exact!.anchor)).toEqual([ada.anchor]);
    expect(await members(connector, pattern!.anchor)).toEqual([]);
    await done(connector, memberChange(pattern!, [ada]));
    expect(await opens()).toEqual(["my_db", "myxdb"]);
    for (const one of [exact!, pattern!]) await done(connector, memberChange(one, [], [ada]));
    expect(await opens()).toEqual([]);
    await client.query("DROP DATABASE `my_db`; DROP DATABASE `myxdb`");
  });

  it("hold no privilege that is none, or on what is not there", async () => {
    const names = ["SELECT ON `nowhere`.*", "SUPER ON `rollcall`.*", "SELECT ON *.*; DROP USER x", "people"];
    expect(await target().entitlements(refs(...names), call())).toEqual(names.map(() => undefined));
    const ensured = {
      id: 1,
      kind: "members",
      entitlement: undefined,
      name: "SELECT ON `nowhere`.*",
    } as const;
    const change = { ...ensured, create: { attributes: {} }, add: [], remove: [] };
    expect((await refused(target(), change)).kind).toBe("Invalid");
  });

  it("are not read where rights hide who holds what, as if nobody did", async () => {
    await client.query(`CREATE USER ada@'%'; GRANT people TO ada@'%'; GRANT PROCESS ON *.* TO ada@'%';
      CREATE USER manager@'%' IDENTIFIED BY 'manager'; GRANT SELECT ON rollcall.* TO manager; GRANT SELECT ON mysql.global_priv TO manager;
      GRANT SELECT ON mysql.roles_mapping TO manager; GRANT SELECT ON mysql.procs_priv TO manager`);
    const url = new URL(server.url);
    [url.username, url.password] = ["manager", "manager"];
    const manager = connect(url.href);
    const connector = target(undefined, [], manager);
    await expect(members(connector, "PROCESS ON *.*")).rejects.toMatchObject({ kind: "Denied" });
    const { problems } = await connector.check(call());
    expect(problems).toEqual([expect.stringContaining("GRANT SELECT ON mysql.*")]);
    await manager.close();
  });

  it("without a password get in with none", async () => {
    await done(target(), create("ada@%"));
    expect(await logsIn("ada", "")).toBe(false);
  });

  it("get passwords that no log of the server shows", async () => {
    const connector = target();
    const password = { value: "Correct-Horse.7battery", mustChange: false };
    await done(connector, { ...create("ada@%"), password });
    await done(connector, modify(await byName(connector, "ada@%"), { password }));
    expect(await logsIn("ada", password.value)).toBe(true);
    const [{ file }] = (await rows("SELECT CONCAT(@@datadir, @@general_log_file) AS file")) as [
      { file: string },
    ];
    const logs = [file, join(server.folder, "binlog.000001")];
    for (const log of logs) {
      const text = await readFile(log, "latin1");
      expect(text).toContain("CREATE USER `ada`");
      expect(text).not.toContain(password.value);
    }
  });

  it("who are gone are not made, without a password, by a GRANT", async () => {
    const staff = { id: "staff", name: "staff" };
    await expect(client.query(mariadbUsers.grant("add", staff, ["ada@%"]))).rejects.toThrow("matching row");
    expect(await rows("SELECT 1 FROM mysql.global_priv WHERE User = 'ada'")).toEqual([]);
  });

  it("that cannot be finished do not stay, and what else is in the batch is made", async () => {
    await asManager(async (manager) => {
      const connector = target(undefined, ["comment"], manager);
      const results = await outcomes(connector, [
        create("ada@%", { comment: ["needs UPDATE on mysql.*"] }, 1),
        create("bob@%", {}, 2),
      ]);
      expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Denied", "ok"]);
      expect((await scan(connector)).map(({ name }) => name)).toEqual(["bob@%"]);
      expect(await rows("SELECT 1 FROM mysql.global_priv WHERE User = 'ada'")).toEqual([]);
    });
  });

  it("whose making is cut short are in doubt, locked, and named with the cure", async () => {
    const proxy = await startTcpProxy(server.port);
    const url = new URL(server.url);
    url.port = String(proxy.port);
    const cut = connect(url.href);
    const connector = target(undefined, [], cut);
    await scan(connector);
    proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("FOR GRANT") });
    const password = { value: "Correct-Horse.7battery", mustChange: false };
    expect((await refused(connector, { ...create("ada@%"), password })).kind).toBe("InDoubt");
    expect(await logsIn("ada", password.value)).toBe(false);
    await client.query("REVOKE people FROM ada@'%'");
    const error = await refused(connector, create("ada@%"));
    expect(error).toMatchObject({
      kind: "Conflict",
      message: expect.stringContaining("grant it that role, or drop it"),
    });
    await cut.close();
    await proxy.close();
  });

  it("whose making is given up while it goes on are in doubt: the server may finish it", async () => {
    const connector = target();
    await scan(connector);
    await client.query("FLUSH TABLES WITH READ LOCK");
    const giveUp = new AbortController();
    const results = outcomes(connector, [create("ada@%")], call(giveUp.signal));
    const waiting = "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'CREATE USER%'";
    await waitFor(async () => (await rows(waiting)).length === 1, { what: "the statement waits" });
    giveUp.abort();
    expect(await results).toMatchObject([{ ok: false, error: { kind: "InDoubt" } }]);
    await client.query("UNLOCK TABLES");
    await waitFor(async () => (await rows(waiting)).length === 0, { what: "the statement has ended" });
  });

  it("are locked before, and unlocked after, whatever else a change has", async () => {
    await asManager(async (manager) => {
      const connector = target(undefined, ["comment"], manager);
      await done(connector, create("ada@%"));
      const ada = await byName(connector, "ada@%");
      const attributes = [delta("comment", [], ["needs UPDATE on mysql.*"])];
      expect((await refused(connector, modify(ada, { attributes, enabled: false }))).kind).toBe("Denied");
      expect((await byName(connector, "ada@%")).enabled).toBe(false);
      expect((await refused(connector, modify(ada, { attributes, enabled: true }))).kind).toBe("Denied");
      expect((await byName(connector, "ada@%")).enabled).toBe(false);
    });
  });

  it("are refused what Rollcall's user may not grant", async () => {
    await asManager(async (manager) => {
      const connector = target(undefined, [], manager);
      await done(connector, create("ada@%"));
      const ada = await byName(connector, "ada@%");
      for (const one of await connector.entitlements(
        refs("staff", "SELECT ON `rollcall`.*", "PROCESS ON *.*"),
        call(),
      )) {
        const outcome = await done(connector, memberChange(one!, [ada]));
        expect(kinds(outcome.refused), one!.name).toEqual(["Denied"]);
      }
    });
  });

  it("that have SUPER, or that Rollcall logs in as, are protected", async () => {
    await client.query("CREATE USER root2@'%'; GRANT SUPER ON *.* TO root2; GRANT people TO root2");
    const connector = target({});
    const [root, self] = [await byName(connector, "root2@%"), await byName(connector, "owner@127.0.0.1")];
    expect(root.protected).toContain("SUPER");
    expect(self.protected).toBeDefined();
    const changes = [
      modify(root, { enabled: false }),
      { id: 1, kind: "delete", anchor: root.anchor, name: root.name } as const,
    ];
    for (const change of changes) expect((await refused(connector, change)).kind).toBe("Denied");
    const staff = { anchor: "staff", name: "staff" };
    expect(kinds((await done(connector, memberChange(staff, [root]))).refused)).toEqual(["Denied"]);
  });

  it("without memberOf are all there are, but no roles; who keeps the group's role is no member", async () => {
    await client.query("CREATE USER ada@localhost; CREATE USER ada@'%'; GRANT people TO ada@'%'");
    const names = (await scan(target({}))).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["ada@localhost", "ada@%", "root@localhost", "owner@127.0.0.1"]),
    );
    expect(names.some((name) => /^(people|staff|mariadb.sys)@/.test(name))).toBe(false);
    expect((await scan(target())).map(({ name }) => name)).toEqual(["ada@%"]);
  });

  it("have limits, TLS and own texts as attributes", async () => {
    const values = {
      maxUserConnections: ["3"],
      maxStatementTime: ["1.5"],
      maxQueriesPerHour: ["100"],
      requireTls: ["true"],
      "app.number": [`'; DROP USER x; -- \\ "`],
      comment: ["a\nb"],
    };
    const connector = target(undefined, [...Object.keys(values), "comments"]);
    expect((await connector.check(call())).problems).toEqual([expect.stringContaining("comments")]);
    await done(connector, create("ada@%", values));
    const ada = await byName(connector, "ada@%");
    expect(ada.attributes).toEqual(values);
    const clear = Object.entries(values).map(([name, before]) =>
      delta(name, before, name === "requireTls" ? ["false"] : []),
    );
    await done(connector, modify(ada, { attributes: clear }));
    expect((await byName(connector, "ada@%")).attributes).toEqual({ requireTls: ["false"] });
  });

  it("whose password is to be changed, or is past its age, are told of", async () => {
    const connector = target();
    const password = { value: "Correct-Horse.7battery", mustChange: true };
    await done(connector, { ...create("ada@%"), password });
    const ada = await byName(connector, "ada@%");
    expect(ada.trouble).toEqual(["MustChangePassword"]);
    await done(connector, modify(ada, { password: { ...password, mustChange: false } }));
    expect((await byName(connector, "ada@%")).trouble).toBeUndefined();
    await client.query(`ALTER USER ada@'%' PASSWORD EXPIRE INTERVAL 1 DAY;
      UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.password_last_changed', 1000000) WHERE User = 'ada'`);
    expect((await byName(connector, "ada@%")).trouble).toEqual(["PasswordExpired"]);
  });

  it("have names of the form user@host, that the server keeps as they are", async () => {
    const connector = target();
    for (const name of ["ada", "@%", "ada@", "ada @%", "ada@LocalHost", "😀@%", `${"x".repeat(129)}@%`])
      expect((await refused(connector, create(name))).kind, name).toBe("Invalid");
    await done(connector, create("ada@example.org@10.0.0.%"));
    expect(await rows("SELECT User, Host FROM mysql.global_priv WHERE User LIKE 'ada%'")).toEqual([
      { User: "ada@example.org", Host: "10.0.0.%" },
    ]);
  });

  it("are no accounts by the dialect of the other kind of server, and it is said by which", async () => {
    const mysql = connect(server.url, "mysql");
    const { problems } = await target({}, [], mysql).check(call());
    expect(problems).toEqual([expect.stringContaining("set the store's dialect to mariadb")]);
    await mysql.close();
  });

  it("that are there, and not in the group, are a Conflict", async () => {
    await client.query("CREATE USER ada@'%' IDENTIFIED BY 'hers'");
    expect((await refused(target(), create("ada@%"))).kind).toBe("Conflict");
    expect(await logsIn("ada", "hers")).toBe(true);
  });
});
