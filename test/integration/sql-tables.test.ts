import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { all, byName, call, delta, done, modify, outcomes, refused, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const table = (rest: object = {}) => ({ table: { name: "accounts", key: "login", id: "id", ...rest } });
const create = (name: string, attributes: Record<string, readonly string[]> = {}, id = 1, enabled = true) =>
  ({ id, kind: "create", name, attributes, enabled }) as const;

describe.each(settings)("tables in %s", (_, start, dialect) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(() => setting.empty());
  afterAll(() => setting.stop());

  const accounts = (columns = "") =>
    setting.run(
      `CREATE TABLE accounts (id ${setting.types.id}, login ${setting.types.name} NOT NULL UNIQUE ${columns})`,
    );

  it("odd texts, names of columns and tables round-trip, and none of them is code", async () => {
    await setting.run(
      `CREATE TABLE "odd ""table""; DROP" (id ${setting.types.id}, "lo'gin"";--" ${setting.types.name} NOT NULL UNIQUE, "a ""b"" $1 ? :x" text)`,
    );
    const attribute = 'a "b" $1 ? :x';
    const connector = setting.target(
      { table: { name: '"odd ""table""; DROP"', key: `lo'gin";--`, id: "id" } },
      [attribute],
    );
    expect((await connector.check(call())).problems).toEqual([]);
    const odd = fc.oneof(
      fc.constantFrom(
        "'; DROP TABLE x; --",
        '"',
        "\\",
        "\\'",
        "\\N",
        "\\.",
        "$1",
        ":a",
        "{a,b}",
        "NULL",
        "\t\n\r",
      ),
      fc.string({ unit: "binary", minLength: 1 }),
    );
    const text = odd.filter((value) => !value.includes("\0") && value !== "");
    let id = 0;
    await fc.assert(
      fc.asyncProperty(text, fc.oneof(text, fc.constant("")), async (key, value) => {
        const name = `${++id} ${key}`;
        const { anchor } = await done(connector, create(name, { [attribute]: [value] }));
        const [record] = await connector.fetch([anchor], call());
        expect(record).toMatchObject({ name, attributes: { [attribute]: [value] } });
        expect(await connector.find([{ keys: {}, name }, { keys: { [attribute]: value } }], call())).toEqual([
          [record],
          expect.arrayContaining([record]),
        ]);
        await done(
          connector,
          modify(record!, { attributes: [delta(attribute, [value], [])], rename: `${name}!` }),
        );
        expect(await byName(connector, `${name}!`)).toMatchObject({ anchor, attributes: {} });
        await done(connector, { id: 1, kind: "delete", anchor, name });
      }),
      { numRuns: 60 },
    );
    expect(await scan(connector)).toEqual([]);
  });

  it("an empty text is a value, NULL is none", async () => {
    await accounts(", note text");
    const connector = setting.target(table(), ["note"]);
    await done(connector, create("empty", { note: [""] }));
    await done(connector, create("none", { note: [] }));
    expect((await byName(connector, "empty")).attributes).toEqual({ note: [""] });
    expect((await byName(connector, "none")).attributes).toEqual({});
    expect(await setting.rows("SELECT login FROM accounts WHERE note IS NULL")).toEqual([{ login: "none" }]);
  });

  it("says what the columns can hold", async () => {
    await accounts(
      ", mail varchar(20) NOT NULL, age integer, active boolean NOT NULL DEFAULT true, upper_name text GENERATED ALWAYS AS (upper(login)) STORED",
    );
    const connector = setting.target(table(), ["mail"]);
    const { attributes, nameMatching } = await connector.schema(call());
    expect(nameMatching).toBe("caseExact");
    expect(attributes.get("id")).toMatchObject({ matching: "integer", readOnly: true, required: false });
    expect(attributes.get("login")).toMatchObject({ readOnly: true, required: false });
    expect(attributes.get("mail")).toMatchObject({ required: true, maxLength: 20, readOnly: false });
    expect(attributes.get("age")).toMatchObject({ matching: "integer", required: false });
    expect(attributes.get("active")).toMatchObject({ matching: "boolean", required: false });
    expect(attributes.get("upper_name")).toMatchObject({ readOnly: true });
  });

  it("takes the database's words for each refused row, and does the others", async () => {
    await setting.run("CREATE TABLE departments (name varchar(100) PRIMARY KEY)");
    await setting.run("INSERT INTO departments VALUES ('Research')");
    await accounts(
      `, mail ${setting.types.name} UNIQUE, age integer CHECK (age > 0), department varchar(100) REFERENCES departments (name) ${setting.deferred}`,
    );
    const connector = setting.target(table(), ["mail", "age", "department"]);
    await done(connector, create("taken", { mail: ["taken"] }));
    const results = await outcomes(connector, [
      create("a", { mail: ["a"], age: ["1"], department: ["Research"] }, 1),
      create("b", { mail: ["taken"] }, 2),
      create("c", { age: ["-1"] }, 3),
      create("d", { department: ["Nowhere"] }, 4),
      create("e", { age: ["old"] }, 5),
      create("f", { nowhere: ["x"] }, 6),
      create("taken", {}, 7),
      create("g", { mail: ["g"] }, 8),
    ]);
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual([
      "ok",
      "Conflict",
      "Invalid",
      "Invalid",
      "Invalid",
      "Invalid",
      "Conflict",
      "ok",
    ]);
    expect(await scan(connector)).toHaveLength(3);
  });

  // MySQL cannot tell what a row became whose name is another now: it refuses such a change (sql-mariadb-collations.test.ts).
  if (dialect !== "mysql") {
    it("a name that a trigger changes comes back as it became", async () => {
      await accounts(", note text");
      await setting.run(touching[dialect]);
      const connector = setting.target(table(), ["note"]);
      const results = await outcomes(connector, [
        create("Ada", {}, 1),
        create("Grace", {}, 2),
        create("bob", {}, 3),
      ]);
      const seen = new Map((await scan(connector)).map((one) => [one.name, one.version]));
      expect([...seen.keys()].sort()).toEqual(["ada", "bob", "grace"]);
      for (const [index, name] of ["ada", "grace", "bob"].entries())
        expect(results[index]).toMatchObject({ ok: true, name, version: seen.get(name) });
      const outcome = await done(
        connector,
        modify(await byName(connector, "ada"), { attributes: [delta("note", [], ["x"])] }),
      );
      expect(outcome.version).toBe((await byName(connector, "ada")).version);
      expect((await byName(connector, "ada")).attributes.note).toEqual(["touched"]);
    });
  }

  it("an id that two rows have is refused, and neither row is touched", async () => {
    await setting.run(
      `CREATE TABLE accounts (id integer, login ${setting.types.name} NOT NULL UNIQUE, note text)`,
    );
    await setting.run("INSERT INTO accounts VALUES (1, 'one', NULL), (1, 'two', NULL), (2, 'three', NULL)");
    const connector = setting.target(table(), ["note"]);
    const record = await byName(connector, "one");
    const error = await refused(connector, modify(record, { attributes: [delta("note", [], ["x"])] }));
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("2 rows") });
    expect((await refused(connector, { id: 1, kind: "delete", anchor: "1", name: "one" })).kind).toBe(
      "Invalid",
    );
    expect(await setting.rows("SELECT count(*) AS n FROM accounts WHERE note IS NULL")).toHaveLength(1);
    expect(await scan(connector)).toHaveLength(3);
  });

  it("a key that is the id too can change, and what it became comes back", async () => {
    await setting.run("CREATE TABLE accounts (login varchar(50) PRIMARY KEY, note text)");
    const connector = setting.target({ table: { name: "accounts", key: "login" } }, ["note"]);
    await outcomes(connector, [create("ada", {}, 1), create("bob", {}, 2)]);
    const [ada, bob] = [await byName(connector, "ada"), await byName(connector, "bob")];
    const results = await outcomes(connector, [
      modify(ada, { id: 1, rename: "eve" }),
      modify(bob, { id: 2, rename: "zoe" }),
    ]);
    expect(results).toMatchObject([
      { ok: true, anchor: "eve", name: "eve" },
      { ok: true, anchor: "zoe", name: "zoe" },
    ]);
  });

  it("a key without a unique index is named by check", async () => {
    await setting.run(`CREATE TABLE accounts (id ${setting.types.id}, login text)`);
    const { problems } = await setting.target(table(), []).check(call());
    expect(problems).toEqual([expect.stringContaining("unique index")]);
  });

  it("an id without a unique index is named by check", async () => {
    await setting.run("CREATE TABLE accounts (id integer, login varchar(50) UNIQUE)");
    const { problems } = await setting.target(table(), []).check(call());
    expect(problems).toEqual([expect.stringMatching(/^give column id of .* two accounts could be one/)]);
  });

  it("a mapped column that is not there is named by check", async () => {
    await accounts();
    const { problems } = await setting.target(table(), ["mail"]).check(call());
    expect(problems).toEqual([expect.stringContaining("mail")]);
  });

  it("a soft delete marks the row, which is then no account", async () => {
    await accounts(`, deleted_at ${setting.dialect === "postgres" ? "timestamptz" : "timestamp"}`);
    const connector = setting.target(table({ softDelete: { column: "deleted_at" } }));
    const { anchor } = await done(connector, create("ada"));
    await done(connector, { id: 1, kind: "delete", anchor, name: "ada" });
    await done(connector, { id: 1, kind: "delete", anchor, name: "ada" });
    expect(await scan(connector)).toEqual([]);
    expect(await connector.fetch([anchor], call())).toEqual([]);
    expect(await setting.rows("SELECT login FROM accounts WHERE deleted_at IS NOT NULL")).toHaveLength(1);
  });

  it("a version column is the version", async () => {
    await accounts(", revision integer NOT NULL DEFAULT 1, note text");
    const connector = setting.target(table({ version: "revision" }), ["note"]);
    const outcome = await done(connector, create("ada"));
    expect(outcome.version).toBe("1");
    await setting.run("UPDATE accounts SET revision = 2");
    const record = await byName(connector, "ada");
    expect(record.version).toBe("2");
    const change = modify(record, { attributes: [delta("note", [], ["x"])], expect: "1" });
    expect((await refused(connector, change)).kind).toBe("Moved");
  });

  it("a table that goes away and comes back otherwise is read anew", async () => {
    await accounts(", note text");
    const connector = setting.target(table(), ["note"]);
    expect(await scan(connector)).toEqual([]);
    await setting.run("DROP TABLE accounts");
    await expect(all(connector.scan("accounts", call()))).rejects.toMatchObject({ kind: "Invalid" });
    await accounts(", note text, more text");
    expect((await connector.schema(call())).attributes.has("more")).toBe(true);
    await done(connector, create("ada", { more: ["x"] }));
  });
});

/** Triggers that write the name in small letters, and a note. */
const touching: Readonly<Record<Exclude<Setting["dialect"], "mysql">, string>> = {
  postgres: `CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.login := lower(NEW.login); NEW.note := 'touched'; RETURN NEW; END $$;
    CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touch()`,
  mariadb: `CREATE TRIGGER touch BEFORE INSERT ON accounts FOR EACH ROW SET NEW.login = lower(NEW.login), NEW.note = 'touched';
    CREATE TRIGGER touch_again BEFORE UPDATE ON accounts FOR EACH ROW SET NEW.note = 'touched'`,
  sqlite: `CREATE TRIGGER touch AFTER INSERT ON accounts BEGIN
      UPDATE accounts SET login = lower(login), note = 'touched' WHERE id = NEW.id; END;
    CREATE TRIGGER touch_again AFTER UPDATE OF note ON accounts WHEN NEW.note <> 'touched' BEGIN
      UPDATE accounts SET note = 'touched' WHERE id = NEW.id; END`,
};
