import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const users = (entitlements: object | undefined) => ({
  kind: "Target",
  name: "users",
  spec: {
    store: { name: "application" },
    mode: "Enforce",
    accounts: { when: "true", name: { expression: "identity.userName" } },
    sql: {
      table: { name: "users", key: "login", id: "id" },
      ...(entitlements && { entitlements }),
    },
  },
});

/** By names that are the table's own, and by those of a list. */
const named = { account: "user_id", entitlement: "role" };
const listed = (roles: string) => ({
  join: {
    ...{ table: `user_${roles}`, account: "user_id", entitlement: "role_id" },
    list: { table: roles, id: "id", name: "name" },
  },
});

async function placed(entitlements: object): Promise<ManifestFolder> {
  const place = await ManifestFolder.make(
    { kind: "Store", name: "application", spec: { sql: { dialect: "sqlite", file: "app.db" } } },
    {
      kind: "AccessProfile",
      name: "r",
      spec: { target: { name: "users" }, entitlements: [{ name: "reader" }] },
    },
    { kind: "Grant", name: "g", spec: { identity: { name: "ann" }, accessProfile: { name: "r" } } },
    ...[users(entitlements), person("ann")],
  );
  using database = new DatabaseSync(place.at("app.db"));
  database.exec(`
    CREATE TABLE users (id INTEGER PRIMARY KEY, login text NOT NULL UNIQUE, role text, power text);
    CREATE TABLE roles (id INTEGER PRIMARY KEY, name text);
    CREATE TABLE user_roles (user_id integer, role_id integer, role text);
    CREATE TABLE powers (id INTEGER PRIMARY KEY, name text);
    CREATE TABLE user_powers (user_id integer, role_id integer, role text);
    INSERT INTO roles VALUES (1, 'reader');
    INSERT INTO powers VALUES (1, 'administrator'), (2, 'reader')`);
  expect(await rollcall("apply", ...place.words, "--init", "--yes")).toMatchObject({ code: 0 });
  database.exec("INSERT INTO user_powers VALUES (1, 1, 'reader'); UPDATE users SET power = 'reader'");
  return place;
}

async function planned(place: ManifestFolder) {
  const { code, stdout } = await rollcall("plan", ...place.words, "-o", "json");
  const [{ changes, error }] = JSON.parse(stdout).targets;
  return { code, changes, why: error?.message };
}

test.each([
  ["listed in another table", listed("roles"), listed("powers"), "table roles, by id"],
  [
    "held in another table",
    { join: { table: "user_roles", ...named } },
    { join: { table: "user_powers", ...named } },
    "table user_roles",
  ],
  ["held in another column", { column: { name: "role" } }, { column: { name: "power" } }, "column role"],
])(
  "a target whose roles are %s stands still: the same key is another role there, which nobody was given",
  async (_, before, after, was) => {
    await using place = await placed(before);
    await place.write(users(after));
    const { code, changes, why } = await planned(place);
    expect(changes).toEqual([]);
    expect(why).toContain(`has given entitlements of ${was}, and is now to give those of `);
    expect(code).toBe(2);
    await place.write(users(before));
    expect(await planned(place)).toMatchObject({ code: 0 });
  },
);

test("a target that is to give no roles any more leaves those that were given, and knows them by their table", async () => {
  await using place = await placed(listed("roles"));
  await place.remove("AccessProfile", "r");
  await place.remove("Grant", "g");
  await place.write(users(undefined));
  expect(await rollcall("apply", ...place.words, "--yes")).toMatchObject({ code: 0 });
  await place.write(users(listed("powers")));
  expect(await planned(place)).toMatchObject({ code: 2, changes: [] });
});
