import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { rollcall } from "../support/rollcall-process.ts";

const ada = (state: "Active" | "Inactive") => ({
  kind: "Identity",
  name: "ada",
  spec: { userName: "ada", lifecycle: { state } },
});

const manifests = [
  ada("Active"),
  { kind: "Store", name: "app", spec: { sql: { dialect: "sqlite", file: "app.db" } } },
  {
    kind: "Target",
    name: "app",
    spec: {
      store: { name: "app" },
      mode: "Enforce",
      accounts: { name: { expression: "identity.userName" } },
      sql: {
        table: { name: "users", key: "login", disabled: { column: "off", disabled: "1", enabled: "0" } },
        entitlements: { join: { table: "held", account: "login", entitlement: "role" } },
      },
    },
  },
  {
    kind: "AccessProfile",
    name: "readers",
    spec: { target: { name: "app" }, entitlements: [{ name: "reader" }] },
  },
  {
    kind: "Grant",
    name: "ada-reads",
    spec: { identity: { name: "ada" }, accessProfile: { name: "readers" } },
  },
];

test("an entitlement that only its members show is granted again after its last one lost it", async () => {
  await using folder = await ManifestFolder.make(...manifests);
  using database = new DatabaseSync(folder.at("app.db"));
  database.exec("CREATE TABLE users (login text PRIMARY KEY, off integer NOT NULL DEFAULT 0)");
  database.exec("CREATE TABLE held (login text, role text, PRIMARY KEY (login, role))");
  const apply = async (state: "Active" | "Inactive", ...words: string[]) => {
    await folder.write(ada(state));
    expect(await rollcall("apply", "--yes", ...words, ...folder.words)).toMatchObject({ code: 0 });
    return database
      .prepare("SELECT role FROM held")
      .all()
      .map(({ role }) => role);
  };
  expect(await apply("Active", "--init")).toEqual(["reader"]);
  expect(await apply("Inactive")).toEqual([]);
  expect(await apply("Active")).toEqual(["reader"]);
});
