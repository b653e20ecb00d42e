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
  }, 60_000);
  beforeEach(() => setting.empty());
  afterAll(() => setting.stop());

  const accounts = async (columns = ""): Promise<Connector> => {
    const time = dialect === "postgres" ? "timestamptz" : dialect === "sqlite" ? "timestamp" : "datetime(6)";
    const name = setting.types.name;
    await setting.run(
      `CREATE TABLE accounts (login ${name} NOT NULL UNIQUE, note text, off ${time}${columns})`,
    );
    return setting.target(block, ["note"]);
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
});
