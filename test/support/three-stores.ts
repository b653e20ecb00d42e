import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { stringify } from "yaml";
import { person } from "./company.ts";
import type { Manifest } from "./world.ts";

/** A folder with manifests, and beside it a directory in memory (kept in a file), a CSV file and an SQLite database. */
export class ThreeStores {
  readonly manifests: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.manifests = join(folder, "manifests");
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  async make(): Promise<this> {
    await mkdir(this.manifests);
    await writeFile(this.path("directory.json"), "{}");
    await writeFile(this.path("badges.csv"), "number,login,department,state\n");
    const database = new DatabaseSync(this.path("app.db"));
    database.exec(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, login TEXT NOT NULL UNIQUE, mail TEXT, disabled INTEGER NOT NULL DEFAULT 0) STRICT",
    );
    database.close();
    await this.write(...stores, ...targets, ...access);
    return this;
  }

  async write(...manifests: readonly Manifest[]): Promise<void> {
    for (const { kind, name, spec } of manifests) {
      const object = { apiVersion: "rollcall.dev/v1alpha1", kind, metadata: { name }, spec };
      await writeFile(join(this.manifests, `${kind}-${name}.yaml`), stringify(object));
    }
  }

  people(...names: readonly string[]): Promise<void> {
    return this.write(...names.map((name) => person(name)));
  }

  async directory(): Promise<Content> {
    return { accounts: [], ...JSON.parse(await readFile(this.path("directory.json"), "utf8")) };
  }

  badges(): Promise<string> {
    return readFile(this.path("badges.csv"), "utf8");
  }

  users(): readonly Record<string, unknown>[] {
    const database = new DatabaseSync(this.path("app.db"));
    try {
      return database.prepare("SELECT login, mail, disabled FROM users ORDER BY login").all();
    } finally {
      database.close();
    }
  }
}

export interface Content {
  readonly accounts: { name: string; enabled: boolean; attributes: Record<string, string[]> }[];
}

const stores: readonly Manifest[] = [
  { kind: "Store", name: "directory", spec: { memory: { file: "directory.json" } } },
  { kind: "Store", name: "badges", spec: { csv: { file: "badges.csv" } } },
  { kind: "Store", name: "app", spec: { sql: { dialect: "sqlite", file: "app.db" } } },
];

const employees = "identity.userType == 'Employee'";

const targets: readonly Manifest[] = [
  {
    kind: "Target",
    name: "people",
    spec: {
      store: { name: "directory" },
      mode: "Enforce",
      accounts: {
        when: employees,
        name: { expression: "dn('uid', identity.userName, 'ou=people,dc=example,dc=org')" },
        match: [{ keys: ["employeeNumber"], strong: true }],
        attributes: {
          department: { expression: "identity.department" },
          employeeNumber: { expression: "identity.employeeNumber" },
        },
      },
    },
  },
  {
    kind: "Target",
    name: "badges",
    spec: {
      store: { name: "badges" },
      mode: "Enforce",
      accounts: {
        when: employees,
        name: { expression: "identity.userName" },
        attributes: {
          number: { expression: "identity.employeeNumber" },
          department: { expression: "identity.department" },
        },
      },
      csv: {
        key: "login",
        id: "number",
        disabled: { column: "state", enabled: "active", disabled: "blocked" },
      },
    },
  },
  {
    kind: "Target",
    name: "app",
    spec: {
      store: { name: "app" },
      mode: "Enforce",
      accounts: {
        when: employees,
        name: { expression: "identity.userName" },
        attributes: { mail: { expression: "primary(identity.emails)", sensitive: true } },
      },
      sql: {
        table: {
          name: "users",
          key: "login",
          id: "id",
          disabled: { column: "disabled", disabled: "1", enabled: "0" },
        },
      },
    },
  },
];

const access: readonly Manifest[] = [
  {
    kind: "AccessProfile",
    name: "lab",
    spec: { target: { name: "people" }, entitlements: [{ name: "lab", ensure: true }] },
  },
  {
    kind: "BusinessRole",
    name: "research",
    spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab" }] },
  },
];
