import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const users = (roles: string) => ({
  kind: "Target",
  name: "users",
  spec: {
    store: { name: "application" },
    mode: "Enforce",
    accounts: { when: "true", name: { expression: "identity.userName" } },
    sql: {
      table: { name: "users", key: "login", id: "id" },
      entitlements: {
        join: {
          ...{ table: `user_${roles}`, account: "user_id", entitlement: "role_id" },
          list: { table: roles, id: "id", name: "name" },
        },
      },
    },
  },
});

test("a target whose roles lie in another table stands still: the same number is another role there, which nobody was given", async () => {
  await using place = await ManifestFolder.make(
    { kind: "Store", name: "application", spec: { sql: { dialect: "sqlite", file: "app.db" } } },
    {
      kind: "AccessProfile",
      name: "r",
      spec: { target: { name: "users" }, entitlements: [{ name: "reader" }] },
    },
    { kind: "Grant", name: "g", spec: { identity: { name: "ann" }, accessProfile: { name: "r" } } },
    ...[users("roles"), person("ann")],
  );
  using database = new DatabaseSync(place.at("app.db"));
  database.exec(`
    CREATE TABLE users (id INTEGER PRIMARY KEY, login text NOT NULL UNIQUE);
    CREATE TABLE roles (id INTEGER PRIMARY KEY, name text);
    CREATE TABLE user_roles (user_id integer, role_id integer, PRIMARY KEY (user_id, role_id));
    CREATE TABLE powers (id INTEGER PRIMARY KEY, name text);
    CREATE TABLE user_powers (user_id integer, role_id integer, PRIMARY KEY (user_id, role_id));
    INSERT INTO roles VALUES (1, 'reader');
    INSERT INTO powers VALUES (1, 'administrator'), (2, 'reader')`);
  expect(await rollcall("apply", ...place.words, "--init", "--yes")).toMatchObject({ code: 0 });
  database.exec("INSERT INTO user_powers VALUES (1, 1)");
  await place.write(users("powers"));
  const { code, stdout } = await rollcall("plan", ...place.words, "-o", "json");
  const [{ changes, error }] = JSON.parse(stdout).targets;
  expect(changes).toEqual([]);
  expect(error.message).toMatch(
    /has given entitlements of table roles, by id, and is now to give those of table powers/,
  );
  expect(code).toBe(2);
  await place.write(users("roles"));
  expect(await rollcall("plan", ...place.words)).toMatchObject({ code: 0 });
});
