import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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
import { type Setting, settings } from "./sql-setting.ts";

const statements = {
  scan: "SELECT u.id, u.login AS name, u.locked AS disabled, p.mail, p.phone FROM users u JOIN profiles p ON p.owner = u.id",
  insert: `INSERT INTO users (login) VALUES (:name);
    INSERT INTO profiles (owner, mail, phone) SELECT id, :mail, :phone FROM users WHERE login = :name`,
  update:
    "UPDATE users SET login = :name WHERE id = :id; UPDATE profiles SET mail = :mail, phone = :phone WHERE owner = :id",
  disable: "UPDATE users SET locked = true WHERE id = :id",
  enable: "UPDATE users SET locked = false WHERE id = :id",
  delete:
    "DELETE FROM held WHERE account = :id; DELETE FROM profiles WHERE owner = :id; DELETE FROM users WHERE id = :id",
  entitlements: "SELECT code AS id, title AS name FROM roles",
  members: "SELECT role AS entitlement, account FROM held",
  grant: "INSERT INTO held (account, role) VALUES (:account, :entitlement)",
  revoke: "DELETE FROM held WHERE account = :account AND role = :entitlement",
};
const create = (name: string, mail: string, id = 1, enabled = true) =>
  ({ id, kind: "create", name, attributes: { mail: [mail] }, enabled }) as const;

describe.each(settings)("own statements as scripts in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    await setting.run(
      `CREATE TABLE users (id ${setting.types.id}, login varchar(100) NOT NULL UNIQUE, locked boolean NOT NULL DEFAULT false);
       CREATE TABLE profiles (owner bigint PRIMARY KEY, mail varchar(100) UNIQUE, phone text);
       CREATE TABLE roles (code varchar(100) PRIMARY KEY, title text);
       CREATE TABLE held (account bigint NOT NULL, role varchar(100) NOT NULL, PRIMARY KEY (account, role));
       INSERT INTO roles VALUES ('r', 'Readers'), ('w', 'Writers')`,
    );
  });
  afterAll(() => setting.stop());

  const target = (own: object = statements) => setting.target({ statements: own }, ["mail", "phone"]);

  it("keep an account in several tables: created, renamed and changed, disabled, deleted", async () => {
    const connector = target();
    expect(await connector.check(call())).toMatchObject({ problems: [] });
    const { anchor } = await done(connector, create("o'hara; --", "a"));
    const record = await byName(connector, "o'hara; --");
    const attributes = [delta("mail", ["a"], ["b"]), delta("phone", [], ["1; 2"])];
    await done(connector, modify(record, { rename: "ohara", attributes, enabled: false }));
    expect(await byName(connector, "ohara")).toMatchObject({
      anchor,
      enabled: false,
      attributes: { mail: ["b"], phone: ["1; 2"] },
    });
    await done(connector, { id: 1, kind: "delete", anchor, name: "ohara" });
    expect(await setting.rows("SELECT owner FROM profiles")).toEqual([]);
  });

  it("are undone as a whole when a later statement is refused, and the rest of the batch is made", async () => {
    const connector = target();
    await done(connector, create("ada", "taken"));
    const results = await outcomes(connector, [create("bob", "taken", 1), create("eve", "e", 2)]);
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Conflict", "ok"]);
    expect((await setting.rows("SELECT login FROM users ORDER BY login")).map(({ login }) => login)).toEqual([
      "ada",
      "eve",
    ]);
  });

  it("are refused when one of their statements touches two rows", async () => {
    const careless = { ...statements, update: `${statements.update}; UPDATE profiles SET phone = :phone` };
    const connector = target(careless);
    await outcomes(connector, [create("ada", "a", 1), create("bob", "b", 2)]);
    const ada = await byName(connector, "ada");
    const error = await refused(connector, modify(ada, { attributes: [delta("phone", [], ["1"])] }));
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("2 rows") });
    expect(await setting.rows("SELECT owner FROM profiles WHERE phone IS NOT NULL")).toEqual([]);
  });

  it("may have statements that find nothing to do, but not only those", async () => {
    const connector = target();
    await done(connector, create("ada", "a"));
    const ada = await byName(connector, "ada");
    const idle = target({ ...statements, delete: "DELETE FROM held WHERE account = :id" });
    const removal = { id: 1, kind: "delete", anchor: ada.anchor, name: "ada" } as const;
    expect((await refused(idle, removal)).kind).toBe("Invalid");
    await done(connector, removal);
  });

  it("that leave an account where it should be gone, or another state, are undone", async () => {
    const half = {
      ...statements,
      delete: "DELETE FROM held WHERE account = :id; UPDATE users SET locked = true WHERE id = :id",
    };
    const connector = target({ ...half, disable: "UPDATE users SET locked = false WHERE id = :id" });
    const { anchor } = await done(connector, create("ada", "a"));
    const removal = { id: 1, kind: "delete", anchor, name: "ada" } as const;
    expect((await refused(connector, removal)).message).toContain("still there");
    const ada = await byName(connector, "ada");
    expect(ada.enabled).toBe(true);
    expect((await refused(connector, modify(ada, { enabled: false }))).message).toContain("state");
  });

  it("grant and revoke, each is a success when it is so already", async () => {
    const connector = target();
    await outcomes(connector, [create("ada", "a", 1), create("bob", "b", 2)]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    const refs = [
      { name: "Readers", by: "Name" },
      { name: "w", by: "Id" },
      { name: "x", by: "Id" },
    ] as const;
    const [readers, writers, absent] = await connector.entitlements(refs, call());
    expect([readers?.anchor, writers?.name, absent]).toEqual(["r", "Writers", undefined]);
    const before = await scan(connector, "entitlements");
    for (let time = 0; time < 2; time++) await done(connector, memberChange(readers!, [ada, bob]));
    expect(await members(connector, "r")).toEqual([ada.anchor, bob.anchor].sort());
    const versions = (seen: typeof before) =>
      seen.map(({ anchor, version }) => `${anchor} ${version}`).sort();
    expect(versions(await scan(connector, "entitlements"))[0]).not.toBe(versions(before)[0]);
    for (let time = 0; time < 2; time++) await done(connector, memberChange(readers!, [], [ada]));
    expect(await members(connector, "r")).toEqual([bob.anchor]);
    const unknown = { anchor: "x", name: "x" };
    expect((await refused(connector, memberChange(unknown, [ada]))).kind).toBe("NotFound");
  });

  it("that refuse one member give the entitlement to the others", async () => {
    const connector = target();
    await outcomes(connector, [create("ada", "a", 1), create("bob", "b", 2)]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    const gone = { ...ada, anchor: "999", name: "gone" };
    const readers = { anchor: "r", name: "Readers" };
    const outcome = await done(connector, memberChange(readers, [ada, gone, bob]));
    expect([...(outcome.refused ?? [])].map(([key, error]) => [key, error.kind])).toEqual([
      ["999", "NotFound"],
    ]);
    expect(await members(connector, "r")).toHaveLength(2);
    const silent = target({
      ...statements,
      revoke: "UPDATE held SET role = role WHERE account = :account AND role = :entitlement",
    });
    const left = await done(silent, memberChange(readers, [], [ada]));
    expect([...(left.refused ?? [])].map(([key, error]) => [key, error.kind])).toEqual([
      [ada.anchor, "Invalid"],
    ]);
  });
});
