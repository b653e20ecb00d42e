import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byName, call, done, memberChange, members, outcomes, refused, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const table = { name: "accounts", key: "login", id: "id" };

describe.each(settings)("entitlements in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(() => setting.empty());
  afterAll(() => setting.stop());

  async function accounts(column: string) {
    await setting.run(
      `CREATE TABLE accounts (id ${setting.types.id}, login ${setting.types.name} NOT NULL UNIQUE ${column})`,
    );
    await setting.run("INSERT INTO accounts (login) VALUES ('ada'), ('bob'), ('eve')");
  }
  const role = (name: string) => ({ anchor: name, name });

  it.each([
    ["a delimited column", ", roles text", { name: "roles", delimiter: "," }],
    ["a list column", ", roles LIST", { name: "roles" }],
  ])("in %s: granted, revoked, read and scanned", async (_name, column, array) => {
    await accounts(column.replace("LIST", setting.types.list));
    const connector = setting.target({ table, entitlements: { array } });
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    for (let time = 0; time < 2; time++) {
      await done(connector, memberChange(role("it's"), [ada, bob]));
      await done(connector, memberChange(role("b"), [ada]));
    }
    expect(await members(connector, "it's")).toEqual([ada.anchor, bob.anchor].sort());
    expect(await members(connector, "b")).toEqual([ada.anchor]);
    const before = await scan(connector, "entitlements");
    expect(before.map(({ name }) => name).sort()).toEqual(["b", "it's"]);
    const [found] = await connector.entitlements([{ name: "b", by: "Name" }], call());
    expect(before).toContainEqual({ anchor: "b", name: "b", version: found!.version });
    for (let time = 0; time < 2; time++) await done(connector, memberChange(role("it's"), [], [ada]));
    expect(await members(connector, "it's")).toEqual([bob.anchor]);
    expect(await members(connector, "b")).toEqual([ada.anchor]);
    await done(connector, memberChange(role("b"), [], [ada]));
    expect(await scan(connector, "entitlements")).toHaveLength(1);
  });

  it.each(["\n", "\t", "\\", '"', "'", ", ", "/"])("may stand apart by any text: %j", async (delimiter) => {
    await accounts(", roles text");
    const connector = setting.target({ table, entitlements: { array: { name: "roles", delimiter } } });
    const ada = await byName(connector, "ada");
    for (const name of ["a", "b", "c"])
      for (let time = 0; time < 2; time++) await done(connector, memberChange(role(name), [ada]));
    await done(connector, memberChange(role("b"), [], [ada]));
    const [{ roles } = {}] = await setting.rows("SELECT roles FROM accounts WHERE login = 'ada'");
    expect(roles).toBe(`a${delimiter}c`);
    expect((await scan(connector, "entitlements")).map(({ name }) => name).sort()).toEqual(["a", "c"]);
    const two = role(`x${delimiter}y`);
    expect(await connector.entitlements([{ name: two.name, by: "Name" }], call())).toEqual([undefined]);
    const outcome = await done(connector, memberChange(two, [ada]));
    expect([...outcome.refused!.values()].map(({ kind }) => kind)).toEqual(["Invalid"]);
    expect(await members(connector, "x")).toEqual([]);
    expect((await connector.schema(call())).attributes.get("roles")?.readOnly).toBe(true);
  });

  it("in a column: one an account; another's value is kept, and granting over it is a Conflict", async () => {
    await accounts(", role text");
    const connector = setting.target({ table, entitlements: { column: { name: "role" } } });
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    await done(connector, memberChange(role("reader"), [ada]));
    const outcome = await done(connector, memberChange(role("writer"), [ada, bob]));
    expect([...outcome.refused!].map(([key, error]) => [key, error.kind])).toEqual([
      [ada.anchor, "Conflict"],
    ]);
    expect(await members(connector, "reader")).toEqual([ada.anchor]);
    expect(await members(connector, "writer")).toEqual([bob.anchor]);
    await done(connector, memberChange(role("reader"), [], [ada, bob]));
    expect(await members(connector, "reader")).toEqual([]);
    expect(await members(connector, "writer")).toEqual([bob.anchor]);
    expect((await connector.schema(call())).attributes.get("role")?.readOnly).toBe(true);
  });

  it("in a column: what one change of a call takes, another can give", async () => {
    await accounts(", role text");
    const connector = setting.target({ table, entitlements: { column: { name: "role" } } });
    const ada = await byName(connector, "ada");
    await done(connector, memberChange(role("reader"), [ada]));
    const results = await outcomes(connector, [
      { ...memberChange(role("writer"), [ada]), id: 1 },
      { ...memberChange(role("reader"), [], [ada]), id: 2 },
    ]);
    expect(results).toEqual([
      expect.not.objectContaining({ refused: expect.anything() }),
      expect.not.objectContaining({ refused: expect.anything() }),
    ]);
    expect(await members(connector, "writer")).toEqual([ada.anchor]);
  });

  it("in a join table without a list: every value is one", async () => {
    await accounts("");
    await setting.run(
      "CREATE TABLE held (account bigint NOT NULL REFERENCES accounts (id), role text NOT NULL)",
    );
    const join = { table: "held", account: "account", entitlement: "role" };
    const connector = setting.target({ table, entitlements: { join } });
    const ada = await byName(connector, "ada");
    const ghost = { ...ada, anchor: "999", name: "ghost" };
    const outcome = await done(connector, memberChange(role("r"), [ada, ghost]));
    expect([...outcome.refused!].map(([key, error]) => [key, error.kind])).toEqual([["999", "Invalid"]]);
    await done(connector, memberChange(role("r"), [ada]));
    expect(await setting.rows("SELECT role FROM held")).toEqual([{ role: "r" }]);
  });

  it("a membership that stands in two rows is refused, and both stay", async () => {
    await accounts("");
    await setting.run("CREATE TABLE held (account bigint, role text)");
    const join = { table: "held", account: "account", entitlement: "role" };
    const connector = setting.target({ table, entitlements: { join } });
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    await setting.run(
      `INSERT INTO held VALUES (${ada.anchor}, 'r'), (${ada.anchor}, 'r'), (${bob.anchor}, 'r')`,
    );
    const outcome = await done(connector, memberChange(role("r"), [], [ada, bob]));
    expect([...outcome.refused!.keys()]).toEqual([ada.anchor]);
    expect(await setting.rows("SELECT account FROM held")).toHaveLength(2);
  });

  it("in a list: its other columns are read, set and changed", async () => {
    await accounts("");
    await setting.run(
      `CREATE TABLE roles (id ${setting.types.id}, name ${setting.types.name} UNIQUE, note text)`,
    );
    await setting.run("CREATE TABLE held (account bigint, role bigint)");
    const list = { table: "roles", id: "id", name: "name" };
    const join = { table: "held", account: "account", entitlement: "role", list };
    const connector = setting.target({ table, entitlements: { join } });
    const change = {
      id: 1,
      kind: "members",
      entitlement: undefined,
      name: "new",
      add: [],
      remove: [],
    } as const;
    const { anchor } = await done(connector, { ...change, create: { attributes: { note: ["first"] } } });
    const find = async () => (await connector.entitlements([{ name: "new", by: "Name" }], call()))[0]!;
    const first = await find();
    expect(first).toMatchObject({ anchor, attributes: { note: ["first"] } });
    const update = [{ name: "note", before: ["first"], after: ["it's"] }];
    await done(connector, { ...change, entitlement: anchor, update });
    expect((await find()).attributes).toEqual({ note: ["it's"] });
    expect((await find()).version).not.toBe(first.version);
    const wrong = { ...change, entitlement: anchor, update: [{ name: "x", before: [], after: ["y"] }] };
    expect((await refused(connector, wrong)).kind).toBe("Invalid");
  });
});
