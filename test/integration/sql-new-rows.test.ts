import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { byName, done, outcomes, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const block = {
  table: { name: "accounts", key: "login", disabled: { column: "off", disabled: "2000-01-01T00:00:00Z" } },
};
const create = (name: string, note: readonly string[], id = 1, enabled = true) =>
  ({ id, kind: "create", name, attributes: { note }, enabled }) as const;

describe.each(settings)("new rows that are known by their names, in %s", (_, start, dialect) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(() => setting.empty());
  afterAll(() => setting.stop());

  const accounts = async (columns = "", attributes = ["note"]): Promise<Connector> => {
    const time = dialect === "postgres" ? "timestamptz" : dialect === "sqlite" ? "timestamp" : "datetime(6)";
    const name = setting.types.name;
    await setting.run(
      `CREATE TABLE accounts (login ${name} NOT NULL UNIQUE, note text, off ${time}${columns})`,
    );
    return setting.target(block, attributes);
  };

  /** What their changes were answered with, and what they are: both have to say the same. */
  const expectFound = async (connector: Connector, made: Awaited<ReturnType<typeof outcomes>>) => {
    const said = made.flatMap((one) => (one.ok ? [{ anchor: one.anchor, version: one.version }] : []));
    const found = (await scan(connector)).map(({ anchor, version }) => ({ anchor, version }));
    expect(new Set(said)).toEqual(new Set(found));
  };

  it("have the version that they were answered with, whatever is written into them", async () => {
    const connector = await accounts();
    const notes = [
      "\t\n\r",
      "\\",
      "\\N",
      "\\.",
      "\\t",
      "'",
      '"',
      '{"a"}',
      "NULL",
      "",
      " ä😀 ",
      "\u0001\u001f\u007f",
    ];
    const made = await outcomes(connector, [
      ...notes.map((note, index) => create(`${index} ${note}.`, [note], index)),
      create("none", [], 100),
      create("off", ["x"], 101, false),
    ]);
    expect(made.filter(({ ok }) => ok)).toHaveLength(notes.length + 2);
    await expectFound(connector, made);
    for (const [index, note] of notes.entries())
      expect((await byName(connector, `${index} ${note}.`)).attributes).toEqual({ note: [note] });
    expect((await byName(connector, "none")).attributes).toEqual({});
    expect((await byName(connector, "off")).enabled).toBe(false);
  });

  it("have it too where one of them was refused", async () => {
    const connector = await accounts();
    await done(connector, create("bob", ["first"]));
    const made = await outcomes(
      connector,
      ["ada", "bob", "eve"].map((name, id) => create(name, ["second"], id)),
    );
    expect(made.map((one) => (one.ok ? one.name : one.error.kind)).sort()).toEqual([
      "Conflict",
      "ada",
      "eve",
    ]);
    const bob = await byName(connector, "bob");
    await expectFound(connector, [...made, { ...bob, id: 9, ok: true }]);
  });

  it("have it too where the database adds to them", async () => {
    const connector = await accounts(", made int DEFAULT 7 NOT NULL");
    await expectFound(connector, await outcomes(connector, [create("ada", ["x"]), create("bob", ["y"], 2)]));
    expect(await setting.rows("SELECT made FROM accounts")).toEqual([{ made: 7 }, { made: 7 }]);
  });

  if (dialect === "postgres")
    it("have it too in a partitioned table, whatever a partition's trigger does to them", async () => {
      await setting.run(`CREATE TABLE accounts (login text NOT NULL, note text, off timestamptz) PARTITION BY LIST (note);
      CREATE TABLE plain PARTITION OF accounts FOR VALUES IN ('plain');
      CREATE TABLE dropping PARTITION OF accounts FOR VALUES IN ('dropped');
      CREATE TABLE renaming PARTITION OF accounts DEFAULT;
      CREATE FUNCTION dropped() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE FUNCTION renamed() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN NEW.login := upper(NEW.login); RETURN NEW; END';
      CREATE TRIGGER own BEFORE INSERT ON dropping FOR EACH ROW EXECUTE FUNCTION dropped();
      CREATE TRIGGER own BEFORE INSERT ON renaming FOR EACH ROW EXECUTE FUNCTION renamed()`);
      const connector = setting.target(block, ["note"]);
      const made = await outcomes(connector, [
        create("ada", ["plain"]),
        create("bob", ["dropped"], 2),
        create("eve", ["other"], 3),
        create("fay", ["plain"], 4),
      ]);
      expect(made.map((one) => (one.ok ? one.name : one.error.kind)).sort()).toEqual([
        "EVE",
        "Invalid",
        "ada",
        "fay",
      ]);
      await expectFound(connector, made);
    });

  if (dialect === "postgres")
    it("are asked for when the table was given a trigger since it was looked at", async () => {
      const connector = await accounts();
      await scan(connector);
      await setting.run(`CREATE FUNCTION renamed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.login := upper(NEW.login); RETURN NEW; END';
        CREATE TRIGGER own BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION renamed()`);
      const made = await outcomes(connector, [create("ada", ["x"]), create("bob", ["y"], 2)]);
      expect(made.filter((one) => one.ok && one.anchor !== one.anchor.toUpperCase())).toEqual([]);
      await expectFound(connector, made);
    });

  if (dialect === "sqlite")
    it("take no other row's place, though the table would let them", async () => {
      await setting.run(
        "CREATE TABLE accounts (login text NOT NULL UNIQUE, note text UNIQUE ON CONFLICT REPLACE, off timestamp)",
      );
      const connector = setting.target(block, ["note"]);
      await done(connector, create("ada", ["first"]));
      const made = await outcomes(connector, [
        create("bob", ["first"]),
        create("eve", ["second"], 2),
        create("fay", ["second"], 3),
      ]);
      expect(made.map((one) => (one.ok ? one.name : one.error.kind)).sort()).toEqual([
        "Conflict",
        "Conflict",
        "eve",
      ]);
      const { anchor, name } = await byName(connector, "ada");
      const attributes = [{ name: "note", before: ["first"], after: ["second"] }];
      const [changed] = await outcomes(connector, [{ id: 1, kind: "modify", anchor, name, attributes }]);
      expect(changed).toMatchObject({ ok: false, error: { kind: "Conflict" } });
      expect((await scan(connector)).map((one) => one.name).sort()).toEqual(["ada", "eve"]);
      // What a trigger replaces is its own affair.
      await setting.run("CREATE TABLE last (one integer PRIMARY KEY, login text)");
      await setting.run(
        "CREATE TRIGGER noting AFTER INSERT ON accounts BEGIN INSERT OR REPLACE INTO last VALUES (1, NEW.login); END",
      );
      const another = setting.target(block, ["note"]);
      await done(another, create("gil", ["third"]));
      await done(another, create("hal", ["fourth"]));
      expect(await setting.rows("SELECT login FROM last")).toEqual([{ login: "hal" }]);
    });

  if (dialect === "sqlite")
    it("have it too in a virtual table, which keeps what it likes", async () => {
      await setting.run("CREATE VIRTUAL TABLE accounts USING fts5(login, note, off)");
      const connector = setting.target(block, ["note"]);
      await expectFound(
        connector,
        await outcomes(connector, [create("ada", ["x"]), create("bob", ["y"], 2)]),
      );
    });

  // InnoDB looks at foreign keys row by row.
  if (dialect === "postgres" || dialect === "sqlite")
    it("may refer to those that come after them, in one batch", async () => {
      const connector = await accounts(`, boss ${setting.types.name} REFERENCES accounts (login)`, [
        "note",
        "boss",
      ]);
      const names = Array.from({ length: 900 }, (_, at) => `p${at + 100}`);
      const made = await outcomes(
        connector,
        names.map((name, at) => {
          const attributes = { note: ["x"], boss: [names[at + 1] ?? name] };
          return { ...create(name, [], at), attributes };
        }),
      );
      expect(made.filter(({ ok }) => !ok)).toEqual([]);
    });

  it("are found in a table that is called as we are", async () => {
    const { name } = setting.types;
    await setting.run(`CREATE TABLE rollcall (login ${name} NOT NULL UNIQUE, note text)`);
    const connector = setting.target({ table: { name: "rollcall", key: "login" } }, ["note"]);
    await expectFound(connector, await outcomes(connector, [create("ada", ["x"]), create("bob", ["y"], 2)]));
  });
});
