import { createHash } from "node:crypto";
import pg from "pg";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { sqlEnvironment } from "./sql-harness.ts";
import { type EntitlementKey, everything, type Harness, type Outside, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (users of PostgreSQL)",
  features: {
    ...everything,
    restore: "a role that was dropped is gone",
    multiValued: "an attribute of a role has one value",
    binary: "an attribute of a role is a text, a number or a truth value",
  },
  start: startUsers,
});

const [identifier, literal] = [pg.escapeIdentifier, pg.escapeLiteral];

async function startUsers(): Promise<Harness> {
  const server = await startPostgres();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server);
  let other: Postgres | undefined;
  const through = (user: string, password: string) =>
    `postgres://${user}:${password}@127.0.0.1:${proxy.port}/postgres`;
  const { password } = new URL(server.url);
  const target = { users: { memberOf: "people" } };
  return {
    type: sqlConnector,
    store: { dialect: "postgres", url: { env: "URL" } },
    target,
    attributes: ["comment", "app.mail", "connectionLimit", "validUntil"],
    environment: sqlEnvironment({
      URL: through("postgres", password),
      WRONG: through("postgres", "wrong"),
      READ: through("reader", "reader"),
    }),
    misfit: { target: { users: { memberOf: "nobody" } }, attributes: ["comment"] },
    roles: { text: "comment", key: "app.mail" },
    weakPassword: "soft\u00adhyphen-is-not-sent-alike",
    account: (key) => ({ key, name: fitting(key), attributes: { "app.mail": [`${key}@example.org`] } }),
    entitlement: (key) => ({
      name: roleName(key),
      refs: [{ name: roleName(key), by: "Name" }],
      attributes: { comment: [`The ${key}`] },
    }),
    outside: outside(() => direct, server),
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 40_000 }),
      loseAnswer: async () =>
        proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("COMMIT\0") }),
      stopServer: async () => {
        await direct.end();
        await server.kill();
      },
      startServer: async () => {
        await server.restart();
        direct = await open(server.url);
      },
      wrongPassword: { dialect: "postgres", url: { env: "WRONG" } },
      readOnly: { dialect: "postgres", url: { env: "READ" } },
      async replaceServer() {
        other = await startPostgres();
        await direct.end();
        direct = await prepare(other);
        proxy.redirect(other.port);
      },
    },
    async reset() {
      proxy.heal();
      await direct.query(`DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname NOT IN ('postgres', 'people', 'reader')
        LOOP EXECUTE format('DROP ROLE %I', name); END LOOP; END $$`);
    },
    async stop() {
      await direct.end();
      await proxy.close();
      await server.stop();
      await other?.stop();
    },
  };
}

/** A role's name has at most 63 bytes. */
function fitting(key: string): string {
  return Buffer.byteLength(key) <= 63 ? key : createHash("sha256").update(key).digest("base64url");
}

function roleName(key: EntitlementKey): string {
  return `role "${key}"`;
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function prepare(server: Postgres): Promise<pg.Client> {
  const client = await open(server.url);
  await client.query("CREATE ROLE people");
  await client.query("CREATE ROLE reader LOGIN PASSWORD 'reader'");
  return client;
}

function outside(client: () => pg.Client, server: Postgres): Outside {
  const edit = (name: string, attribute: string, value: string | undefined) => {
    if (attribute === "comment")
      return `COMMENT ON ROLE ${identifier(name)} IS ${value === undefined ? "NULL" : literal(value)}`;
    return `ALTER ROLE ${identifier(name)} SET ${attribute} TO ${literal(value ?? "")}`;
  };
  const addMember = async (key: EntitlementKey, { name }: Sample) => {
    await client().query(`GRANT ${identifier(roleName(key))} TO ${identifier(name)}`);
  };
  return {
    async fill(samples) {
      for (let at = 0; at < samples.length; at += 500) {
        const statements = samples
          .slice(at, at + 500)
          .flatMap(({ name, attributes }) => [
            `CREATE ROLE ${identifier(name)} LOGIN IN ROLE people`,
            ...Object.entries(attributes).map(([attribute, values]) => edit(name, attribute, values[0])),
          ]);
        await client().query(statements.join(";"));
      }
    },
    async read({ name }) {
      const { rows } = await client().query<{ enabled: boolean; comment: string | null; settings: string[] }>(
        "SELECT rolcanlogin AS enabled, shobj_description(oid, 'pg_authid') AS comment, coalesce(rolconfig, '{}') AS settings FROM pg_roles WHERE rolname = $1",
        [name],
      );
      const [row] = rows;
      if (!row) return undefined;
      const settings = row.settings.map((setting) => {
        const at = setting.indexOf("=");
        return [setting.slice(0, at), [setting.slice(at + 1)]] as const;
      });
      return {
        attributes: {
          ...Object.fromEntries(settings),
          ...(row.comment === null ? {} : { comment: [row.comment] }),
        },
        enabled: row.enabled,
      };
    },
    async edit({ name }, attribute, [value]) {
      await client().query(edit(name, attribute, value));
    },
    async remove({ name }) {
      await client().query(`DROP ROLE ${identifier(name)}`);
    },
    async disable({ name }) {
      await client().query(`ALTER ROLE ${identifier(name)} NOLOGIN`);
    },
    async createEntitlement(key, members) {
      await client().query(`CREATE ROLE ${identifier(roleName(key))}`);
      for (const member of members) await addMember(key, member);
    },
    addMember,
    async login({ name }, password) {
      const url = new URL(server.url);
      const { hostname: host, port } = url;
      const one = new pg.Client({ host, port: Number(port), user: name, password, database: "postgres" });
      return one.connect().then(
        () => one.end().then(() => true),
        () => false,
      );
    },
    async countMembers(key) {
      const { rows } = await client().query(
        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname = $1",
        [roleName(key)],
      );
      return rows.length;
    },
  };
}
