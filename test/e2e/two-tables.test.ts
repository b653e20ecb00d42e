import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

/** A target of one table in the one database; their ids are numbers that begin at 1 in each. */
const target = (table: string, more: object = {}) => ({
  kind: "Target",
  name: table,
  spec: {
    store: { name: "application" },
    mode: "Enforce",
    accounts: {
      when: "true",
      name: { expression: "identity.userName" },
      match: [{ keys: ["number"], strong: true }],
      attributes: { number: { expression: "identity.employeeNumber" } },
    },
    sql: { table: { name: table, key: "login", id: "id" } },
    ...more,
  },
});

test("accounts of two tables are told apart, though their ids are the same, and whether or not the other target runs", async () => {
  const store = { kind: "Store", name: "application", spec: { sql: { dialect: "sqlite", file: "app.db" } } };
  await using place = await ManifestFolder.make(store, target("users"), target("admins"), person("ann"));
  using database = new DatabaseSync(place.at("app.db"));
  database.exec(`
    CREATE TABLE users (id INTEGER PRIMARY KEY, login text NOT NULL UNIQUE, number text);
    CREATE TABLE admins (id INTEGER PRIMARY KEY, login text NOT NULL UNIQUE, number text);
    INSERT INTO admins VALUES (1, 'admin-ann', 'E-ann'), (2, 'nobody', NULL)`);
  const words = [...place.words, "--target"];
  expect(await rollcall("apply", ...words, "users", "--init", "--yes")).toMatchObject({ code: 0 });
  const planned = async () => {
    const { stdout } = await rollcall("plan", ...words, "admins", "-o", "json");
    const [{ changes, orphans }] = JSON.parse(stdout).targets;
    return [...changes.map(({ action }: { action: string }) => action), ...orphans.first];
  };
  expect(await planned()).toEqual(["adopt", "rename", "nobody"]);
  await place.write(target("users", { suspend: true }));
  expect(await planned()).toEqual(["adopt", "rename", "nobody"]);
});
