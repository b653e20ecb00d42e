import type { ConnectorEnvironment } from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import type { EntitlementKey, Faults, Harness, Outside, Sample } from "./subject.ts";

/** Somebody else's way to the database: `$1`, … stand for the values. */
export interface Client {
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

interface Setup {
  readonly store: unknown;
  readonly environment: ConnectorEnvironment;
  readonly booleans?: Booleans | undefined;
  readonly client: () => Client;
  /** As the dialect stores it, and back. */
  readonly list: { pack(values: readonly string[]): unknown; unpack(value: unknown): readonly string[] };
  readonly faults: Faults;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** How a connector goes to a server. */
export interface ServerWay {
  /** A Store block whose credential is in this variable. */
  store(variable: string): unknown;
  /** That credential. */
  secret(place: { user: string; password: string; port: number; database: string }): string;
  readonly environment?: Partial<ConnectorEnvironment>;
  /** What it takes true and false for, where it knows no booleans. */
  readonly booleans?: Booleans;
}

interface Booleans {
  readonly yes: string;
  readonly no: string;
}

/** `name` is a text that can be unique. */
export const sqlTables = (types: { id: string; list: string; binary: string; name?: string }): string => `
  CREATE TABLE accounts (
    id ${types.id}, login ${types.name ?? "text"} NOT NULL UNIQUE, mail text, note text, tags ${types.list}, photo ${types.binary},
    disabled boolean NOT NULL DEFAULT false);
  CREATE TABLE roles (id ${types.id}, name ${types.name ?? "text"} NOT NULL UNIQUE, description text);
  CREATE TABLE account_roles (
    account bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role bigint NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (account, role));`;

const sqlTarget = ({ yes, no }: Booleans) => ({
  table: {
    name: "accounts",
    key: "login",
    id: "id",
    disabled: { column: "disabled", disabled: yes, enabled: no },
  },
  entitlements: {
    join: {
      table: "account_roles",
      account: "account",
      entitlement: "role",
      list: { table: "roles", id: "id", name: "name" },
    },
  },
});

/** Credentials come from this map, files from this folder. */
export function sqlEnvironment(secrets: Readonly<Record<string, string>>, folder = ""): ConnectorEnvironment {
  return {
    async secret({ env }) {
      const text = secrets[env ?? ""];
      if (text === undefined) throw new StoreError("Unauthenticated", `cannot read the variable ${env}`);
      return text;
    },
    path: (relative) => `${folder}/${relative}`,
  };
}

export function sqlHarness(setup: Setup): Harness {
  return {
    type: sqlConnector,
    store: setup.store,
    target: sqlTarget(setup.booleans ?? { yes: "true", no: "false" }),
    attributes: ["mail", "note", "photo", "tags"],
    environment: setup.environment,
    misfit: { target: { table: { name: "nowhere", key: "login" } }, attributes: ["mail"] },
    roles: { text: "note", key: "mail", multi: "tags", binary: "photo" },
    account: (key) => ({ key, name: key, attributes: { mail: [`${key}@example.org`] } }),
    entitlement: (key) => ({
      name: `role "${key}"`,
      refs: [{ name: `role "${key}"`, by: "Name" }],
      attributes: { description: [`The ${key}`] },
    }),
    outside: outside(setup),
    faults: setup.faults,
    async reset() {
      await setup.heal();
      await setup.client().query("DELETE FROM account_roles");
      await setup.client().query("DELETE FROM accounts");
      await setup.client().query("DELETE FROM roles");
    },
    stop: () => setup.stop(),
  };
}

function outside({ client, list }: Setup): Outside {
  const roleName = (key: EntitlementKey) => `role "${key}"`;
  const cell = (attribute: string, values: readonly string[]) => {
    if (values.length === 0) return null;
    if (attribute === "tags") return list.pack(values);
    return attribute === "photo" ? Buffer.from(values[0]!, "base64") : values[0];
  };
  const addMember = async (key: EntitlementKey, sample: Sample) => {
    await client().query(
      "INSERT INTO account_roles SELECT a.id, r.id FROM accounts a, roles r WHERE a.login = $1 AND r.name = $2",
      [sample.name, roleName(key)],
    );
  };
  return {
    async fill(samples) {
      for (let at = 0; at < samples.length; at += 1_000) {
        const part = samples.slice(at, at + 1_000);
        const rows = part.map((_, index) => `($${2 * index + 1}, $${2 * index + 2})`);
        const values = part.flatMap(({ name, attributes }) => [name, attributes.mail?.[0] ?? null]);
        await client().query(`INSERT INTO accounts (login, mail) VALUES ${rows.join(", ")}`, values);
      }
    },
    async read({ name }) {
      const [row] = await client().query("SELECT * FROM accounts WHERE login = $1", [name]);
      if (!row) return undefined;
      const attributes: Record<string, readonly string[]> = {};
      for (const one of ["mail", "note"]) if (row[one] != null) attributes[one] = [String(row[one])];
      if (row.tags != null) attributes.tags = list.unpack(row.tags);
      if (row.photo != null) attributes.photo = [Buffer.from(row.photo as Uint8Array).toString("base64")];
      return { attributes, enabled: !row.disabled };
    },
    async edit({ name }, attribute, values) {
      await client().query(`UPDATE accounts SET ${attribute} = $2 WHERE login = $1`, [
        name,
        cell(attribute, values),
      ]);
    },
    async remove({ name }) {
      await client().query("DELETE FROM accounts WHERE login = $1", [name]);
    },
    async disable({ name }) {
      await client().query("UPDATE accounts SET disabled = true WHERE login = $1", [name]);
    },
    async createEntitlement(key, members) {
      await client().query("INSERT INTO roles (name) VALUES ($1)", [roleName(key)]);
      for (const member of members) await addMember(key, member);
    },
    addMember,
    async countMembers(key) {
      const rows = await client().query(
        "SELECT 1 FROM account_roles ar, roles r WHERE ar.role = r.id AND r.name = $1",
        [roleName(key)],
      );
      return rows.length;
    },
  };
}
