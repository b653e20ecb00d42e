import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  byName,
  call,
  delta,
  done,
  memberChange,
  modify,
  outcomes,
  refused,
  scan,
} from "../contract/bench.ts";
import { waitFor } from "../support/wait.ts";
import { type Setting, settings } from "./sql-setting.ts";

const create = (name: string, id = 1, attributes: Record<string, readonly string[]> = {}) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;
const table = { table: { name: "accounts", key: "login", id: "id" } };
const note = [delta("note", [], ["ours"])];
const kinds = (results: Awaited<ReturnType<typeof outcomes>>) =>
  results.map((one) => (one.ok ? "ok" : one.error.kind));

/** A text that does not count spaces at the end. */
const padded = {
  postgres: "char(20)",
  mariadb: "varchar(50) COLLATE utf8mb4_bin",
  mysql: "varchar(50) COLLATE utf8mb4_bin",
  sqlite: "text COLLATE RTRIM",
};

describe.each(settings)("bad input in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    if (setting.dialect === "postgres")
      await setting.run(
        "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
      );
  });
  afterAll(() => setting.stop());

  const accounts = (login = "varchar(50)", more = "note text") =>
    setting.run(`CREATE TABLE accounts (id ${setting.types.id}, login ${login} NOT NULL UNIQUE, ${more})`);

  it("a name that differs in case alone is taken, where the column ignores case", async () => {
    await accounts(setting.types.caseless);
    const connector = setting.target(table, ["note"]);
    expect((await connector.schema(call())).nameMatching).toBe("caseIgnore");
    expect(kinds(await outcomes(connector, [create("ada", 1), create("bob", 2)]))).toEqual(["ok", "ok"]);
    expect((await refused(connector, create("ADA"))).kind).toBe("Conflict");
    const [found] = await connector.find([{ keys: {}, name: "ADA" }], call());
    expect(found).toMatchObject([{ name: "ada" }]);
    expect(await scan(connector)).toHaveLength(2);
  });

  it("a name that differs in spaces at the end alone is taken, where the column does not count them", async () => {
    await accounts(padded[setting.dialect]);
    const connector = setting.target(table, ["note"]);
    await done(connector, create("ada"));
    expect((await refused(connector, create("ada "))).kind).toBe("Conflict");
    expect(await scan(connector)).toMatchObject([{ name: "ada" }]);
  });

  it("a value with spaces at its end is kept so, where the column counts them", async () => {
    await accounts();
    const connector = setting.target(table, ["note"]);
    await done(connector, create("ada", 1, { note: [" x  "] }));
    expect((await byName(connector, "ada")).attributes).toEqual({ note: [" x  "] });
  });

  it("NULL in the key, in the id or in the join table is nobody's", async () => {
    await setting.run("CREATE TABLE accounts (id bigint, login varchar(50) UNIQUE, note text)");
    await setting.run("CREATE TABLE held (account bigint, role varchar(50))");
    await setting.run("INSERT INTO accounts VALUES (1, 'ada', NULL)");
    await setting.run("INSERT INTO held VALUES (1, 'r'), (1, NULL), (NULL, 'r'), (NULL, NULL)");
    const join = { table: "held", account: "account", entitlement: "role" };
    const connector = setting.target({ ...table, entitlements: { join } }, ["note"]);
    const ada = await byName(connector, "ada");
    expect(ada.attributes).toEqual({});
    expect(await scan(connector, "entitlements")).toMatchObject([{ name: "r" }]);
    await done(connector, memberChange({ anchor: "r", name: "r" }, [], [ada]));
    expect(await setting.rows("SELECT role FROM held")).toHaveLength(3);
  });

  it("a key that two rows have by a change behind our back: both stay as they are", async () => {
    await setting.run("CREATE TABLE accounts (login varchar(50), note text)");
    await setting.run("INSERT INTO accounts VALUES ('ada', NULL), ('bob', NULL)");
    const connector = setting.target({ table: { name: "accounts", key: "login" } }, ["note"]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    await setting.run("INSERT INTO accounts VALUES ('ada', 'second')");
    const results = await outcomes(connector, [
      modify(ada, { id: 1, attributes: note }),
      modify(bob, { id: 2, attributes: note }),
    ]);
    expect(kinds(results)).toEqual(["Invalid", "ok"]);
    const removal = { id: 1, kind: "delete", anchor: "ada", name: "ada" } as const;
    expect((await refused(connector, removal)).kind).toBe("Invalid");
    expect(await setting.rows("SELECT note FROM accounts WHERE login = 'ada'")).toHaveLength(2);
    expect(await setting.rows("SELECT note FROM accounts WHERE note = 'ours'")).toHaveLength(1);
  });

  it("a trigger that refuses one row stops no other", async () => {
    await accounts();
    for (const trigger of refusing[setting.dialect]) await setting.run(trigger);
    const connector = setting.target(table, ["note"]);
    const results = await outcomes(connector, [create("ada", 1), create("eve", 2), create("bob", 3)]);
    expect(kinds(results)).toEqual(["ok", "Invalid", "ok"]);
    const [, failed] = results;
    expect(failed?.ok === false && failed.error.message).toContain("not eve");
    expect((await scan(connector)).map(({ name }) => name).sort()).toEqual(["ada", "bob"]);
  });

  it("a lock that is not to be had in time is tried again later, and nothing is half done", async () => {
    await accounts();
    const connector = setting.target(table, ["note"]);
    await done(connector, create("ada"));
    const ada = await byName(connector, "ada");
    for (const statement of impatience[setting.dialect]) await setting.run(statement);
    await setting.disconnect();
    const other = setting.target(table, ["note"]);
    await setting.run(`${begin[setting.dialect]}; UPDATE accounts SET note = 'theirs'`);
    const results = await outcomes(other, [modify(ada, { id: 1, attributes: note }), create("bob", 2)]);
    expect(kinds(results)).toEqual(["Retryable", "Retryable"]);
    await setting.run("ROLLBACK");
    await waitFor(async () =>
      kinds(await outcomes(other, [modify(ada, { attributes: note })])).includes("ok"),
    );
    expect(await scan(other)).toHaveLength(1);
  });
});

const refusingInMysql = [
  `CREATE TRIGGER refuse BEFORE INSERT ON accounts FOR EACH ROW
     BEGIN IF NEW.login = 'eve' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not eve'; END IF; END`,
];
const refusing: Readonly<Record<Setting["dialect"], readonly string[]>> = {
  postgres: [
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not eve'; END $$",
    "CREATE TRIGGER refuse BEFORE INSERT ON accounts FOR EACH ROW WHEN (NEW.login = 'eve') EXECUTE FUNCTION refuse()",
  ],
  mariadb: refusingInMysql,
  mysql: refusingInMysql,
  sqlite: [
    "CREATE TRIGGER refuse BEFORE INSERT ON accounts WHEN NEW.login = 'eve' BEGIN SELECT RAISE(ABORT, 'not eve'); END",
  ],
};

/** Sessions that begin from now on wait no longer than this. */
const impatience: Readonly<Record<Setting["dialect"], readonly string[]>> = {
  postgres: ["ALTER ROLE postgres SET lock_timeout = '200ms'"],
  mariadb: ["SET GLOBAL innodb_lock_wait_timeout = 1"],
  mysql: ["SET GLOBAL innodb_lock_wait_timeout = 1"],
  sqlite: [],
};

const begin: Readonly<Record<Setting["dialect"], string>> = {
  postgres: "BEGIN",
  mariadb: "START TRANSACTION",
  mysql: "START TRANSACTION",
  sqlite: "BEGIN IMMEDIATE",
};
