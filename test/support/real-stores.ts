import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { storesOf } from "../../src/cli/stores.ts";
import { connectors } from "../../src/connectors/registry.ts";
import type { Stores } from "../../src/engine/stores.ts";
import { type Folder, makeFolder } from "./folder.ts";
import { type OpenLdap, startOpenLdap } from "./openldap.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { type Manifest, World } from "./world.ts";

/** A whole Rollcall in one process, as a `World`, whose stores are real, with all that the command line puts around them. */
export class RealWorld extends World {
  readonly #stores: Stores;

  constructor(root: string, environment: Readonly<Record<string, string>>) {
    super();
    // Connections have their own deadlines, by the system's clock.
    this.now = Date.now();
    this.#stores = storesOf({ connectors, environment, root });
  }

  override stores(): Stores {
    return this.#stores;
  }
}

/** An OpenLDAP and a PostgreSQL behind wires that can be cut, and a folder for CSV files. */
export class RealStores implements AsyncDisposable {
  readonly folder: Folder;
  readonly ldap: OpenLdap;
  readonly ldapWire: TcpProxy;
  readonly postgres: Postgres;
  readonly postgresWire: TcpProxy;
  #database = "";

  private constructor(parts: Pick<RealStores, "folder" | "ldap" | "ldapWire" | "postgres" | "postgresWire">) {
    this.folder = parts.folder;
    this.ldap = parts.ldap;
    this.ldapWire = parts.ldapWire;
    this.postgres = parts.postgres;
    this.postgresWire = parts.postgresWire;
  }

  static async start(): Promise<RealStores> {
    const [folder, ldap, postgres] = [
      await makeFolder("stores"),
      await startOpenLdap(),
      await startPostgres(),
    ];
    return new RealStores({
      ...{ folder, ldap, postgres },
      ldapWire: await startTcpProxy(ldap.port),
      postgresWire: await startTcpProxy(postgres.port),
    });
  }

  /** A company of all three, nobody in it yet; the tables and the CSV file are new, the directory is as it was. */
  async world(): Promise<RealWorld> {
    this.#database = await this.postgres.createDatabase();
    await this.query(
      "CREATE TABLE users (id serial PRIMARY KEY, login text UNIQUE NOT NULL, number text, mail text, blocked boolean NOT NULL DEFAULT false)",
      "CREATE TABLE roles (id serial PRIMARY KEY, name text UNIQUE NOT NULL)",
      "CREATE TABLE user_roles (user_id int REFERENCES users, role_id int REFERENCES roles, PRIMARY KEY (user_id, role_id))",
      "INSERT INTO roles (name) VALUES ('reader'), ('seller')",
    );
    await writeFile(this.#badges, "number,login,department,state,doors\n");
    const url = new URL(this.#database);
    url.port = String(this.postgresWire.port);
    const environment = { LDAP_PASSWORD: this.ldap.servicePassword, DATABASE_URL: url.href };
    return new RealWorld(this.folder.path, environment).put(
      ...stores(`ldap://127.0.0.1:${this.ldapWire.port}`, this.ldap),
      ...targets(this.ldap),
      ...access,
    ) as RealWorld;
  }

  badges(): Promise<string> {
    return readFile(this.#badges, "utf8");
  }

  /** The rows of the last statement. */
  async query(...statements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client(this.#database);
    await client.connect();
    try {
      let rows: readonly Record<string, unknown>[] = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ldapWire.close();
    await this.postgresWire.close();
    await this.ldap.stop();
    await this.postgres.stop();
    await this.folder.remove();
  }

  get #badges(): string {
    return join(this.folder.path, "badges.csv");
  }
}

function stores(url: string, { serviceDn, peopleDn, groupsDn }: OpenLdap): readonly Manifest[] {
  const bind = { dn: serviceDn, password: { env: "LDAP_PASSWORD" } };
  return [
    {
      kind: "Store",
      name: "directory",
      spec: { ldap: { url, plaintext: "Allowed", bind }, boundary: { bases: [peopleDn, groupsDn] } },
    },
    { kind: "Store", name: "app", spec: { sql: { dialect: "postgres", url: { env: "DATABASE_URL" } } } },
    { kind: "Store", name: "badges", spec: { csv: { file: "badges.csv" } } },
  ];
}

const employees = "identity.userType == 'Employee'";

function targets({ peopleDn, groupsDn }: OpenLdap): readonly Manifest[] {
  const target = (store: string, accounts: object, block: object): Manifest => ({
    kind: "Target",
    name: store,
    spec: { store: { name: store }, mode: "Enforce", accounts: { when: employees, ...accounts }, ...block },
  });
  return [
    target(
      "directory",
      {
        name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
        match: [{ keys: ["employeeNumber"], strong: true }],
        attributes: {
          objectClass: { values: ["inetOrgPerson"], apply: "OnCreate" },
          uid: { expression: "identity.userName" },
          cn: { expression: "identity.userName" },
          sn: { expression: "identity.userName" },
          mail: { expression: "primary(identity.emails)" },
          employeeNumber: { expression: "identity.employeeNumber" },
          departmentNumber: { expression: "identity.department" },
          manager: { expression: "accountOf(identity.manager)" },
        },
      },
      {
        ldap: {
          bases: [peopleDn],
          filter: "(objectClass=inetOrgPerson)",
          disable: { attribute: { name: "employeeType", disabled: "Gone" } },
          groups: { base: groupsDn, filler: "cn=nobody,dc=example,dc=org" },
        },
      },
    ),
    target(
      "app",
      {
        name: { expression: "identity.userName" },
        match: [{ keys: ["number"], strong: true }],
        attributes: {
          number: { expression: "identity.employeeNumber" },
          mail: { expression: "primary(identity.emails)" },
        },
      },
      {
        sql: {
          table: {
            name: "users",
            key: "login",
            id: "id",
            disabled: { column: "blocked", disabled: "true", enabled: "false" },
          },
          entitlements: {
            join: {
              ...{ table: "user_roles", account: "user_id", entitlement: "role_id" },
              list: { table: "roles", id: "id", name: "name" },
            },
          },
        },
      },
    ),
    target(
      "badges",
      {
        name: { expression: "identity.userName" },
        match: [{ keys: ["number"], strong: true }],
        attributes: {
          number: { expression: "identity.employeeNumber", apply: "OnCreate" },
          department: { expression: "identity.department" },
        },
      },
      {
        csv: {
          ...{ key: "login", id: "number" },
          disabled: { column: "state", enabled: "active", disabled: "blocked" },
          entitlements: { column: "doors", names: ["lab", "shop"] },
        },
      },
    ),
  ];
}

const profile = (name: string, target: string, entitlement: object): Manifest => ({
  kind: "AccessProfile",
  name,
  spec: { target: { name: target }, entitlements: [entitlement] },
});
const role = (department: string, ...profiles: readonly string[]): Manifest => ({
  kind: "BusinessRole",
  name: department.toLowerCase(),
  spec: {
    members: { when: `identity.department == '${department}'` },
    accessProfiles: profiles.map((name) => ({ name })),
  },
});

const access: readonly Manifest[] = [
  profile("lab-group", "directory", { name: "lab", ensure: true }),
  profile("shop-group", "directory", { name: "shop", ensure: true }),
  profile("reader", "app", { name: "reader" }),
  profile("seller", "app", { name: "seller" }),
  profile("lab-door", "badges", { name: "lab" }),
  profile("shop-door", "badges", { name: "shop" }),
  role("Research", "lab-group", "reader", "lab-door"),
  role("Sales", "shop-group", "seller", "shop-door"),
];
