import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
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
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { waitFor } from "../support/wait.ts";

const create = (name: string, attributes: Record<string, readonly string[]> = {}, id = 1) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;

describe("users of PostgreSQL", () => {
  let server: Postgres;
  let client: pg.Client;
  let connection: StoreConnection;

  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
  });
  beforeEach(async () => {
    await client.query(`
      CREATE ROLE people; CREATE ROLE owner;
      CREATE SCHEMA app AUTHORIZATION owner;
      SET ROLE owner;
      CREATE TABLE app.orders (id int); CREATE TABLE app."Odd ""name""" (id int);
      CREATE SEQUENCE app.numbers;
      CREATE FUNCTION app.total(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE PROCEDURE app.close(int) LANGUAGE sql AS 'SELECT 1';
      RESET ROLE`);
    connection = connect(server.url);
  });
  afterEach(async () => {
    await connection.close();
    await client.query(`DROP SCHEMA app CASCADE; DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'
      LOOP EXECUTE format('DROP OWNED BY %I CASCADE', name); EXECUTE format('DROP ROLE %I', name); END LOOP; END $$`);
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  function connect(url: string): StoreConnection {
    const store = sqlConnector.storeSchema.parse({ dialect: "postgres", url: { env: "URL" } });
    return sqlConnector.connect(store, sqlEnvironment({ URL: url }));
  }

  function target(
    users: object = { memberOf: "people" },
    attributes = ["comment"],
    by = connection,
  ): Connector {
    return by.target({ block: sqlConnector.targetSchema.parse({ users }), attributes });
  }

  /** Logs in as a role that may create roles and no more. */
  async function asManager<T>(work: (manager: StoreConnection) => Promise<T>): Promise<T> {
    await client.query(
      "CREATE ROLE manager LOGIN CREATEROLE PASSWORD 'manager'; GRANT people TO manager WITH ADMIN OPTION",
    );
    const url = new URL(server.url);
    [url.username, url.password] = ["manager", "manager"];
    const manager = connect(url.href);
    return work(manager).finally(() => manager.close());
  }

  const refs = (...names: string[]) => names.map((name) => ({ name, by: "Name" }) as const);

  it("hold privileges on whatever has an access list, under the name that PostgreSQL gives them", async () => {
    const connector = target();
    await done(connector, create("ada"));
    const ada = await byName(connector, "ada");
    const names = [
      "SELECT ON TABLE app.orders",
      'UPDATE ON TABLE app."Odd ""name"""',
      "USAGE ON SEQUENCE app.numbers",
      "USAGE ON SCHEMA app",
      "CONNECT ON DATABASE postgres",
      "EXECUTE ON FUNCTION app.total(integer, text)",
      "EXECUTE ON PROCEDURE app.close(integer)",
    ];
    const found = await connector.entitlements(refs(...names), call());
    expect(found.map((one) => one?.name)).toEqual(names);
    expect(await scan(connector, "entitlements")).toEqual([expect.objectContaining({ name: "owner" })]);
    for (const one of found)
      for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [ada]));
    const seen = await scan(connector, "entitlements");
    expect(seen.map(({ name }) => name).sort()).toEqual(["owner", ...names].sort());
    for (const one of found) {
      expect(await members(connector, one!.anchor)).toEqual([ada.anchor]);
      for (let time = 0; time < 2; time++) await done(connector, memberChange(one!, [], [ada]));
    }
    expect(await scan(connector, "entitlements")).toHaveLength(1);
  });

  it("hold a privilege by one name, however the server would quote it", async () => {
    await client.query("CREATE ROLE ada LOGIN IN ROLE people; GRANT SELECT ON app.orders TO ada");
    await client.query("ALTER ROLE postgres SET quote_all_identifiers = on");
    const names = (await scan(target(), "entitlements")).map(({ name }) => name);
    await client.query("ALTER ROLE postgres RESET quote_all_identifiers");
    expect(names).toContain("SELECT ON TABLE app.orders");
  });

  it("hold no privilege that is none, or on what is not there", async () => {
    const names = [
      "SELECT ON SCHEMA app",
      "SELECT ON TABLE app.nothing",
      "SELECT ON TABLE app.orders; --",
      "ALL ON TABLE app.orders",
    ];
    expect(await target().entitlements(refs(...names), call())).toEqual(names.map(() => undefined));
    const ensured = {
      id: 1,
      kind: "members",
      entitlement: undefined,
      name: "SELECT ON TABLE app.nothing",
    } as const;
    const change = { ...ensured, create: { attributes: {} }, add: [], remove: [] };
    expect((await refused(target(), change)).kind).toBe("Invalid");
  });

  it("hold what the server provides, such as pg_read_all_data, which is scanned once somebody has it", async () => {
    const connector = target();
    await done(connector, create("ada"));
    const [reading] = await connector.entitlements(refs("pg_read_all_data"), call());
    await done(connector, memberChange(reading!, [await byName(connector, "ada")]));
    expect((await scan(connector, "entitlements")).map(({ name }) => name)).toContain("pg_read_all_data");
  });

  it("are refused a grant, or a revocation, that PostgreSQL only warns of", async () => {
    await client.query("CREATE ROLE staff; CREATE ROLE ada LOGIN IN ROLE people");
    await asManager(async (manager) => {
      await client.query(
        "SET ROLE owner; GRANT SELECT ON app.orders TO ada; GRANT SELECT ON app.orders TO manager WITH GRANT OPTION; GRANT USAGE ON SCHEMA app TO manager; RESET ROLE",
      );
      const connector = target(undefined, [], manager);
      const ada = await byName(connector, "ada");
      const [select, update] = await connector.entitlements(
        refs("SELECT ON TABLE app.orders", "UPDATE ON TABLE app.orders"),
        call(),
      );
      for (const change of [memberChange(select!, [], [ada]), memberChange(update!, [ada])]) {
        const outcome = await done(connector, change);
        expect([...outcome.refused!.values()].map(({ kind }) => kind)).toEqual(["Denied"]);
      }
      expect(await members(connector, select!.anchor)).toContain(ada.anchor);
      expect(await members(connector, update!.anchor)).toEqual([]);
    });
  });

  it("are made by a role that may create roles and no more; what it may not is Denied, alone", async () => {
    await asManager(async (manager) => {
      const connector = target(undefined, ["comment", "connectionLimit", "bypassRowSecurity"], manager);
      const changes = [
        create("ada", { connectionLimit: ["3"], comment: ["a"] }, 1),
        create("bob", { bypassRowSecurity: ["true"] }, 2),
        create("eve", {}, 3),
      ];
      const results = await outcomes(connector, changes);
      expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["ok", "Denied", "ok"]);
      expect((await byName(connector, "ada")).attributes).toMatchObject({
        connectionLimit: ["3"],
        comment: ["a"],
      });
    });
  });

  it("that are superusers, or the one that Rollcall logs in as, are protected", async () => {
    await client.query("CREATE ROLE root LOGIN SUPERUSER IN ROLE people; GRANT people TO postgres");
    const connector = target();
    const [root, self] = [await byName(connector, "root"), await byName(connector, "postgres")];
    expect(root.protected).toContain("superuser");
    expect(self.protected).toBeDefined();
    const changes = [
      modify(root, { enabled: false }),
      modify(root, { password: { value: "x-y-z", mustChange: false } }),
    ];
    for (const change of changes) expect((await refused(connector, change)).kind).toBe("Denied");
    expect(
      (await refused(connector, { id: 1, kind: "delete", anchor: root.anchor, name: "root" })).kind,
    ).toBe("Denied");
    const [owner] = await connector.entitlements(refs("owner"), call());
    const outcome = await done(connector, memberChange(owner!, [root]));
    expect([...outcome.refused!.values()].map(({ kind }) => kind)).toEqual(["Denied"]);
  });

  it("without memberOf are all roles that log in, and those that do not and have no members", async () => {
    await client.query("CREATE ROLE ada LOGIN; CREATE ROLE off; CREATE ROLE staff; GRANT staff TO ada");
    const connector = target({});
    expect((await scan(connector)).map(({ name }) => name).sort()).toEqual([
      "ada",
      "off",
      "owner",
      "people",
      "postgres",
    ]);
    expect((await byName(connector, "off")).enabled).toBe(false);
    const names = (await scan(connector, "entitlements")).map(({ name }) => name);
    expect(names).toContain("staff");
    expect(names).not.toContain("ada");
  });

  it("who own something are deleted only where somebody is named to get it", async () => {
    await client.query(
      "CREATE ROLE ada LOGIN IN ROLE people; GRANT CREATE ON SCHEMA app TO ada; SET ROLE ada; CREATE TABLE app.hers (id int); RESET ROLE",
    );
    const connector = target();
    const { anchor } = await byName(connector, "ada");
    const removal = { id: 1, kind: "delete", anchor, name: "ada" } as const;
    expect(await refused(connector, removal)).toMatchObject({
      kind: "Invalid",
      message: expect.stringContaining("depend"),
    });
    await done(target({ memberOf: "people", reassignOwned: "owner" }), removal);
    const { rows } = await client.query("SELECT tableowner FROM pg_tables WHERE tablename = 'hers'");
    expect(rows).toEqual([{ tableowner: "owner" }]);
  });

  it("have the server's settings and own ones as attributes; others are named by check", async () => {
    const attributes = [
      "search_path",
      "statement_timeout",
      "app.number",
      "app_number",
      "shared_buffers",
      "validUntil",
    ];
    const connector = target(undefined, attributes);
    const { problems } = await connector.check(call());
    expect(problems).toEqual([
      expect.stringContaining("app_number"),
      expect.stringContaining("shared_buffers"),
    ]);
    const values = {
      search_path: ['"$user", app, "Odd one"'],
      statement_timeout: ["5s"],
      "app.number": ["'; DROP ROLE people; --\\"],
      validUntil: ["2030-01-01T00:00:00Z"],
    };
    await done(connector, create("ada", values));
    const ada = await byName(connector, "ada");
    expect(ada.attributes).toEqual(values);
    const clear = Object.entries(values).map(([name, before]) => delta(name, before, []));
    await done(connector, modify(ada, { attributes: clear }));
    expect((await byName(connector, "ada")).attributes).toEqual({});
    const { rows } = await client.query("SELECT rolconfig FROM pg_roles WHERE rolname = 'ada'");
    expect(rows).toEqual([{ rolconfig: null }]);
  });

  it("have names of at most 63 bytes, and none that PostgreSQL keeps: no name is cut", async () => {
    const connector = target();
    for (const name of ["ä".repeat(32), "pg_ada", "none"])
      expect((await refused(connector, create(name))).kind, name).toBe("Invalid");
    await done(connector, create("ä".repeat(31)));
    const ada = await byName(connector, "ä".repeat(31));
    expect((await refused(connector, modify(ada, { rename: "x".repeat(64) }))).kind).toBe("Invalid");
  });

  it("that are there, and not in the group, are a Conflict", async () => {
    await client.query("CREATE ROLE ada LOGIN");
    const connector = target();
    expect(await connector.find([{ keys: {}, name: "ada" }], call())).toEqual([[]]);
    expect((await refused(connector, create("ada"))).kind).toBe("Conflict");
  });

  it("that somebody is changing are waited for, and are then Moved", async () => {
    const connector = target(undefined, ["connectionLimit"]);
    await done(connector, create("ada"));
    const ada = await byName(connector, "ada");
    await client.query("BEGIN; ALTER ROLE ada CONNECTION LIMIT 7");
    const attributes = [delta("connectionLimit", [], ["3"])];
    const change = refused(connector, modify(ada, { attributes, expect: ada.version }));
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'rollcall' AND wait_event_type = 'Lock'";
    const watcher = new pg.Client({ connectionString: server.url });
    await watcher.connect();
    await waitFor(async () => (await watcher.query(waiting)).rows.length === 1, { what: "the change waits" });
    await watcher.end();
    await client.query("COMMIT");
    expect((await change).kind).toBe("Moved");
    expect((await byName(connector, "ada")).attributes.connectionLimit).toEqual(["7"]);
  });

  it("whose time is over are told of", async () => {
    const connector = target(undefined, ["validUntil"]);
    await done(connector, create("ada", { validUntil: ["2020-01-01T00:00:00Z"] }));
    await done(connector, create("eve", { validUntil: ["2999-01-01T00:00:00Z"] }));
    expect((await byName(connector, "ada")).trouble).toEqual(["PasswordExpired"]);
    expect((await byName(connector, "eve")).trouble).toBeUndefined();
  });

  it("get passwords that the server's log does not show", async () => {
    await client.query("ALTER SYSTEM SET log_statement = 'all'");
    await client.query("SELECT pg_reload_conf()");
    const logged = async () => (await client.query("SHOW log_statement")).rows[0].log_statement;
    await waitFor(async () => (await logged()) === "all", { what: "all statements are logged" });
    const connector = target();
    const password = { value: "Correct-Horse.7battery", mustChange: false };
    await done(connector, { ...create("ada"), password });
    await done(connector, modify(await byName(connector, "ada"), { password }));
    await client.query("ALTER SYSTEM RESET log_statement");
    const log = await readFile(join(server.folder, "postgres.log"), "utf8");
    expect(log).toContain("SCRAM-SHA-256$4096:");
    expect(log).not.toContain(password.value);
  });
});
