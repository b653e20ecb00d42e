import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { type MariadbSetting, mysqlDialects, startSetting } from "./mariadb-setting.ts";

const create = (name: string, id = 1, attributes: Record<string, readonly string[]> = {}) =>
  ({ id, kind: "create", name, attributes, enabled: true }) as const;

/** A collation that both servers have, and that tells least apart. MySQL's usual one counts spaces at the end. */
const options = ["--collation-server=utf8mb4_general_ci"];

/** What the server itself takes for the same name under that collation. */
const same = [
  ["ada", "ADA"],
  ["jose", "José"],
  ["eve", "eve  "],
] as const;

describe.each(mysqlDialects)("collations in %s", (_, dialect) => {
  let setting: MariadbSetting;
  beforeAll(async () => {
    setting = await startSetting(dialect, { options });
  });
  afterAll(() => setting.stop());

  it.each(same)("a name is never made twice: %s and %s are one for the server", async (name, other) => {
    const connector = await setting.fresh("note text");
    expect((await connector.schema(call())).nameMatching).toBe("caseIgnore");
    await done(connector, create(name));
    expect((await refused(connector, create(other))).kind).toBe("Conflict");
    const [found] = await connector.find([{ keys: {}, name: other }], call());
    expect(found?.map((record) => record.name)).toEqual([name]);
    expect(await scan(connector)).toHaveLength(1);
  });

  it.each(same)("nor in one batch: of %s and %s one is made", async (name, other) => {
    const connector = await setting.fresh("note text");
    const results = await outcomes(connector, [create(name, 1), create(other, 2), create("zoe", 3)]);
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind)).sort()).toEqual(["Conflict", "ok", "ok"]);
    expect(await scan(connector)).toHaveLength(2);
  });

  it.each(same)("nor by own statements, without any unique index: %s, %s", async (name, other) => {
    await setting.fresh("note text");
    await setting.run("CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, login varchar(100))");
    const scan = "SELECT id, login AS name FROM users";
    const statements = { scan, insert: "INSERT INTO users (login) VALUES (:name)" };
    const connector = setting.target(setting.url(), { block: { statements }, attributes: [] });
    const results = await outcomes(connector, [create(name, 1), create(other, 2), create("zoe", 3)]);
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["ok", "Conflict", "ok"]);
    expect((await refused(connector, create(other))).kind).toBe("Conflict");
    expect(await setting.rows("SELECT login FROM users ORDER BY id")).toEqual([
      { login: name },
      { login: "zoe" },
    ]);
  });

  it("a name with a backslash is compared as others are", async () => {
    const connector = await setting.fresh("note text");
    await setting.run("ALTER TABLE accounts MODIFY login varchar(100) COLLATE utf8mb3_bin NOT NULL");
    await outcomes(connector, [create("CORP\\ada", 1), create("corp\\ADA", 2)]);
    const named = setting.target(setting.url(), {
      block: { table: { name: "accounts", key: "login" } },
    });
    await done(named, { id: 1, kind: "delete", anchor: "CORP\\ada", name: "CORP\\ada" });
    expect((await scan(connector)).map(({ name }) => name)).toEqual(["corp\\ADA"]);
  });

  it("a name changes its case by a rename, and comes back so", async () => {
    const connector = await setting.fresh("note text");
    const { anchor } = await done(connector, create("ada"));
    await done(connector, modify(await byName(connector, "ada"), { rename: "Ada" }));
    expect(await byName(connector, "Ada")).toMatchObject({ anchor, name: "Ada" });
  });

  it("where the key tells them apart, both are made", async () => {
    const connector = await setting.fresh("note text, UNIQUE (login)");
    const { exact } = setting.types;
    await setting.run(`ALTER TABLE accounts MODIFY login varchar(100) COLLATE ${exact} NOT NULL`);
    expect((await connector.schema(call())).nameMatching).toBe("caseExact");
    await outcomes(
      connector,
      same.flat().map((name, id) => create(name, id)),
    );
    expect((await scan(connector)).map(({ name }) => name).sort()).toEqual(same.flat().toSorted());
  });

  it("where the key ignores case and counts spaces at the end, names that differ by these are two", async () => {
    const connector = await setting.fresh();
    const { nopad } = setting.types;
    await setting.run(`ALTER TABLE accounts MODIFY login varchar(100) COLLATE ${nopad} NOT NULL`);
    await outcomes(connector, [create("eve", 1), create("eve  ", 2)]);
    expect((await refused(connector, create("EVE  "))).kind).toBe("Conflict");
    const [found] = await connector.find([{ keys: {}, name: "Eve  " }], call());
    expect(found?.map(({ name }) => name)).toEqual(["eve  "]);
    await done(connector, { id: 1, kind: "delete", anchor: found![0]!.anchor, name: "eve  " });
    expect((await scan(connector)).map(({ name }) => name)).toEqual(["eve"]);
  });

  it("a key that is the id too, under a collation that ignores case: accounts are found and changed by it", async () => {
    const block = { table: { name: "accounts", key: "login" } };
    const connector = await setting.fresh("note text", { block });
    await done(connector, create("ada"));
    const [record] = await connector.fetch(["ADA"], call());
    expect(record).toMatchObject({ anchor: "ada" });
    await done(connector, modify(record!, { attributes: [delta("note", [], ["x"])] }));
    await done(connector, modify(record!, { rename: "Ada" }));
    expect(await scan(connector)).toMatchObject([{ anchor: "Ada", name: "Ada" }]);
    await done(connector, { id: 1, kind: "delete", anchor: "Ada", name: "Ada" });
    expect(await scan(connector)).toEqual([]);
  });

  it("an entitlement in a column is held whatever its case, and never given twice", async () => {
    const block = {
      table: { name: "accounts", key: "login", id: "id" },
      entitlements: { column: { name: "role" } },
    };
    const connector = await setting.fresh("role varchar(50)", { block, attributes: [] });
    await done(connector, create("ada"));
    const ada = await byName(connector, "ada");
    const called = async (name: string) => {
      const [found] = await connector.entitlements([{ name, by: "Name" }], call());
      return found!;
    };
    await done(connector, memberChange(await called("Staff"), [ada]));
    const first = await called("Staff");
    await done(connector, memberChange(await called("staff"), [ada]));
    const { anchor, version } = await called("STAFF");
    expect(first).toMatchObject({ anchor, version });
    expect(await scan(connector, "entitlements")).toMatchObject([{ anchor, version }]);
    expect(await members(connector, anchor)).toEqual([ada.anchor]);
    expect(await setting.rows("SELECT role FROM accounts")).toEqual([{ role: "Staff" }]);
    await done(connector, memberChange(await called("STAFF"), [], [ada]));
    expect(await members(connector, anchor)).toEqual([]);
  });

  it("fixed-length texts come without their padding", async () => {
    const connector = await setting.fresh("note char(10)");
    await done(connector, create("ada", 1, { note: ["x"] }));
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["x"] });
  });

  it("a key without a unique index is named by check, and a name that is there twice is an error", async () => {
    const connector = await setting.fresh("note text");
    await setting.run("ALTER TABLE accounts DROP INDEX login");
    expect((await connector.check(call())).problems).toEqual([expect.stringContaining("unique index")]);
  });
});

describe("MySQL's dialect, which learns of new rows by their names", () => {
  let setting: MariadbSetting;
  beforeAll(async () => {
    setting = await startSetting("mysql");
  });
  afterAll(() => setting.stop());

  it("refuses what a trigger gave another name, and leaves nothing of it", async () => {
    const connector = await setting.fresh("note text");
    await setting.run(
      "CREATE TRIGGER touch BEFORE INSERT ON accounts FOR EACH ROW SET NEW.login = concat('x-', NEW.login)",
    );
    const error = await refused(connector, create("ada"));
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("trigger") });
    expect(await scan(connector)).toEqual([]);
  });

  it("takes what a trigger makes of the other columns", async () => {
    const connector = await setting.fresh("note text");
    await setting.run("CREATE TRIGGER touch BEFORE INSERT ON accounts FOR EACH ROW SET NEW.note = 'touched'");
    const { version } = await done(connector, create("ada"));
    expect(await byName(connector, "ada")).toMatchObject({ version, attributes: { note: ["touched"] } });
  });
});
