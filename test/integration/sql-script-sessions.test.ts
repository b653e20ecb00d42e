import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StatementsBlock } from "../../src/connectors/sql/schema.ts";
import { byName, delta, done, modify, outcomes, refused, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const statements = {
  scan: "SELECT id, login AS name, note FROM users",
  insert: "INSERT INTO users (login, note) VALUES (:name, :note)",
  update: "UPDATE users SET login = :name, note = :note WHERE id = :id",
  delete: "DELETE FROM users WHERE id = :id",
};
const create = (name: string, id = 1) =>
  ({ id, kind: "create", name, attributes: { note: ["a"] }, enabled: true }) as const;

describe.each(settings.slice(0, 3))("the session that a script ran in, in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    await setting.run(
      `CREATE TABLE users (id ${setting.types.id}, login varchar(100) NOT NULL UNIQUE, note varchar(100))`,
    );
    if (setting.dialect === "postgres")
      await setting.run("CREATE SCHEMA IF NOT EXISTS hiding; CREATE TABLE hiding.users (LIKE users)");
  });
  afterAll(() => setting.stop());

  const target = (own: StatementsBlock = statements) => setting.target({ statements: own }, ["note"]);

  it("is nobody else's: what the script set there hides and changes nothing afterwards", async () => {
    const set = {
      postgres: "SET search_path = hiding; SET standard_conforming_strings = off",
      mariadb: "SET sql_select_limit = 1, sql_mode = 'ANSI_QUOTES'",
      mysql: "SET sql_select_limit = 1, sql_mode = 'ANSI_QUOTES'",
      sqlite: "",
    }[setting.dialect];
    await outcomes(target(), [create("ada", 1), create("bob", 2), create("eve", 3)]);
    const connector = target({ ...statements, delete: `${statements.delete}; ${set}` });
    const { anchor } = await byName(connector, "eve");
    await done(connector, { id: 1, kind: "delete", anchor, name: "eve" });
    expect((await scan(target())).map(({ name }) => name).sort()).toEqual(["ada", "bob"]);
    expect(await byName(target(), "ada")).toMatchObject({ attributes: { note: ["a"] } });
    await done(target(), create("o\\'hara"));
    expect(await byName(target(), "o\\'hara")).toMatchObject({ name: "o\\'hara" });
  });
});

describe.each(settings.slice(1, 3))("a script that ends its transaction, in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    await setting.run(
      `CREATE TABLE users (id ${setting.types.id}, login varchar(100) NOT NULL UNIQUE, note varchar(100));
       CREATE PROCEDURE finish() COMMIT`,
    );
  });
  afterAll(() => setting.stop());

  it.each([
    "CREATE TABLE made (id int)",
    "SET autocommit = 0; SET autocommit = 1",
    "LOCK TABLES users WRITE",
    "CALL finish()",
  ])("leaves the change in doubt, as it was not undone: %s", async (ending) => {
    await done(setting.target({ statements }, ["note"]), create("ada"));
    const update = `${statements.update}; ${ending}; UPDATE users SET note = note`;
    const connector = setting.target({ statements: { ...statements, update } }, ["note"]);
    await done(connector, create("bob"));
    const ada = await byName(connector, "ada");
    const error = await refused(connector, modify(ada, { attributes: [delta("note", ["a"], ["b"])] }));
    expect(error).toMatchObject({ kind: "InDoubt", message: expect.stringContaining("transaction") });
    expect((await byName(connector, "ada")).attributes).toEqual({ note: ["b"] });
  });
});
