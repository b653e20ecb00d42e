import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { byName, call, delta, done, modify, outcomes, refused, scan } from "../contract/bench.ts";
import { type Setting, settings } from "./sql-setting.ts";

const statements = {
  scan: "SELECT u.id, u.login AS name, u.locked AS disabled, u.mail, u.photo FROM users u",
  insert: "INSERT INTO users (login, mail, photo) VALUES (:name, :mail, :photo)",
  update: "UPDATE users SET login = :name, mail = :mail, photo = :photo WHERE id = :id",
  disable: "UPDATE users SET locked = true WHERE id = :id",
  enable: "UPDATE users SET locked = false WHERE id = :id",
  delete: "DELETE FROM users WHERE id = :id",
};
const create = (name: string, mail: string, id = 1, enabled = true) =>
  ({ id, kind: "create", name, attributes: { mail: [mail] }, enabled }) as const;

describe.each(settings)("own statements in %s", (_, start) => {
  let setting: Setting;
  beforeAll(async () => {
    setting = await start();
  });
  beforeEach(async () => {
    await setting.empty();
    const binary = setting.dialect === "postgres" ? "bytea" : "blob";
    await setting.run(
      `CREATE TABLE users (id ${setting.types.id}, login text, mail text, photo ${binary}, locked boolean NOT NULL DEFAULT false)`,
    );
  });
  afterAll(() => setting.stop());

  it("create, change, rename, disable, enable and delete", async () => {
    const connector = setting.target({ statements }, ["mail", "photo"]);
    expect(await connector.check(call())).toMatchObject({ problems: [] });
    expect(connector.capabilities).toMatchObject({ create: true, rename: true, disable: true, expect: true });
    const photo = Buffer.from([0, 1, 255]).toString("base64");
    const created = create("o'hara; --", "a");
    const { anchor, version } = await done(connector, {
      ...created,
      attributes: { ...created.attributes, photo: [photo] },
    });
    const record = await byName(connector, "o'hara; --");
    expect(record).toMatchObject({
      anchor,
      version,
      enabled: true,
      attributes: { mail: ["a"], photo: [photo] },
    });
    const rename = modify(record, { rename: "ohara", enabled: false, expect: record.version });
    const outcome = await done(connector, rename);
    const renamed = await byName(connector, "ohara");
    expect(renamed).toMatchObject({ enabled: false, attributes: { mail: ["a"], photo: [photo] } });
    expect(outcome.version).toBe(renamed.version);
    expect((await refused(connector, rename)).kind).toBe("Moved");
    await done(connector, modify(renamed, { enabled: true }));
    expect((await byName(connector, "ohara")).enabled).toBe(true);
    for (let time = 0; time < 2; time++)
      await done(connector, { id: 1, kind: "delete", anchor, name: "ohara" });
    expect(await scan(connector)).toEqual([]);
  });

  it("an account that is created disabled is disabled by its own statement", async () => {
    const connector = setting.target({ statements }, ["mail"]);
    const outcome = await done(connector, create("ada", "a", 1, false));
    const record = await byName(connector, "ada");
    expect(record).toMatchObject({ enabled: false, version: outcome.version });
  });

  it("a name that is there is a Conflict, and the rest of the batch is made", async () => {
    const connector = setting.target({ statements }, ["mail"]);
    await done(connector, create("ada", "a"));
    const results = await outcomes(connector, [create("ada", "b", 1), create("bob", "b", 2)]);
    expect(results.map((one) => (one.ok ? "ok" : one.error.kind))).toEqual(["Conflict", "ok"]);
    expect(await scan(connector)).toHaveLength(2);
  });

  it("a statement that touches more rows than one is undone", async () => {
    const careless = { ...statements, update: "UPDATE users SET mail = :mail", delete: "DELETE FROM users" };
    const connector = setting.target({ statements: careless }, ["mail"]);
    await outcomes(connector, [create("ada", "a", 1), create("bob", "b", 2)]);
    const ada = await byName(connector, "ada");
    const error = await refused(connector, modify(ada, { attributes: [delta("mail", ["a"], ["x"])] }));
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("2 rows") });
    const removal = { id: 1, kind: "delete", anchor: ada.anchor, name: "ada" } as const;
    expect((await refused(connector, removal)).kind).toBe("Invalid");
    expect((await byName(connector, "bob")).attributes.mail).toEqual(["b"]);
    expect(await scan(connector)).toHaveLength(2);
  });

  it("a statement that touches no row is an error, not a success", async () => {
    const idle = { ...statements, insert: "INSERT INTO users (login) SELECT :name WHERE 1 = 0" };
    const connector = setting.target({ statements: idle }, []);
    expect((await refused(connector, create("ada", "a"))).kind).toBe("Invalid");
  });

  it("an unknown parameter, a literal without an end, an end of the transaction and a parameter in scan are named", async () => {
    const wrong = { scan: statements.scan, insert: "SELECT 1; COMMIT", update: "SELECT 'open" };
    const { problems } = await setting.target({ statements: wrong }, []).check(call());
    expect(problems).toEqual([
      expect.stringContaining("statements.insert"),
      expect.stringContaining("statements.update"),
    ]);
    const unknown = { ...statements, insert: "INSERT INTO users (login) VALUES (:nmae)" };
    const error = await refused(setting.target({ statements: unknown }, []), create("ada", "a"));
    expect(error.message).toContain(":nmae");
  });
});
