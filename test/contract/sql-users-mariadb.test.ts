import { createHash } from "node:crypto";
import { type Connection, createConnection } from "mysql2/promise";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import { startMariadb } from "../support/mariadb.ts";
import type { MysqlServer } from "../support/mysql-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { sqlEnvironment } from "./sql-harness.ts";
import { type EntitlementKey, everything, type Harness, type Outside, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

contractSuite({
  name: "sql (users of MariaDB)",
  features: {
    ...everything,
    rename: "a user is known by its name and host: under another name it is another user",
    restore: "a user who was dropped is gone",
    expect: "statements about users commit by themselves, and cannot be made to depend on what was read",
    multiValued: "an attribute of a user has one value",
    binary: "an attribute of a user is a text, a number or a truth value",
  },
  start: startUsers,
});

async function startUsers(): Promise<Harness> {
  const server = await startMariadb();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server);
  let other: MysqlServer | undefined;
  const through = (user: string, password: string) =>
    `mysql://${user}:${password}@127.0.0.1:${proxy.port}/rollcall`;
  const { username, password } = new URL(server.url);
  return {
    type: sqlConnector,
    store: { dialect: "mariadb", url: { env: "URL" } },
    target: { users: { memberOf: "people" } },
    attributes: ["comment", "app.mail", "maxUserConnections", "requireTls"],
    environment: sqlEnvironment({
      URL: through(username, password),
      WRONG: through(username, "wrong"),
      READ: through("reader", "reader"),
    }),
    misfit: { target: { users: { memberOf: "nobody" } }, attributes: ["comment"] },
    roles: { text: "comment", key: "app.mail" },
    weakPassword: "nobody-can\0-send-this",
    account: (key) => ({
      key,
      name: `${fitting(key)}@127.0.0.1`,
      attributes: { "app.mail": [`${key}@example.org`] },
    }),
    entitlement: (key) => ({
      name: roleName(key),
      refs: [{ name: roleName(key), by: "Name" }],
      attributes: { comment: [`The ${key}`] },
    }),
    outside: outside(() => direct, server),
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 40_000 }),
      loseAnswer: async () =>
        proxy.fail({ kind: "LoseAnswer", matches: (request) => request.includes("ACCOUNT UNLOCK") }),
      stopServer: async () => {
        direct.destroy();
        await server.kill();
      },
      startServer: async () => {
        await server.restart();
        direct = await open(server);
      },
      wrongPassword: { dialect: "mariadb", url: { env: "WRONG" } },
      readOnly: { dialect: "mariadb", url: { env: "READ" } },
      async replaceServer() {
        other = await startMariadb();
        direct.destroy();
        direct = await prepare(other);
        proxy.redirect(other.port);
      },
    },
    async reset() {
      proxy.heal();
      const [rows] = await direct.query(
        "SELECT User AS name, Host AS host, JSON_VALUE(Priv, '$.is_role') AS role FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys', 'owner', 'reader', 'people')",
      );
      const all = rows as { name: string; host: string; role: string | null }[];
      const [users, roles] = [
        all.filter(({ role }) => role === null),
        all.filter(({ role }) => role !== null),
      ];
      for (let at = 0; at < users.length; at += 500)
        await direct.query(
          `DROP USER ${users
            .slice(at, at + 500)
            .map(({ name, host }) => quoteUser(`${name}@${host}`))
            .join(", ")}`,
        );
      for (const { name } of roles) await direct.query(`DROP ROLE ${identifier(name)}`);
    },
    async stop() {
      direct.destroy();
      await proxy.close();
      await server.stop();
      await other?.stop();
    },
  };
}

/** A user's name has at most 128 characters, none beyond U+FFFF, and no space at its end. */
function fitting(key: string): string {
  const fits = key.length <= 128 && !/ $|[\u{10000}-\u{10ffff}]/u.test(key);
  return fits ? key : createHash("sha256").update(key).digest("base64url");
}

function roleName(key: EntitlementKey): string {
  return `role "${key}"`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function quoteUser(name: string): string {
  const at = name.lastIndexOf("@");
  return `${identifier(name.slice(0, at))}@${identifier(name.slice(at + 1))}`;
}

async function open(server: MysqlServer): Promise<Connection> {
  return createConnection({ uri: server.url });
}

async function prepare(server: MysqlServer): Promise<Connection> {
  const client = await open(server);
  await client.query("CREATE ROLE people");
  await client.query("CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader'");
  await client.query("GRANT SELECT ON *.* TO reader@'127.0.0.1'");
  return client;
}

function outside(client: () => Connection, server: MysqlServer): Outside {
  const edit = async (name: string, attribute: string, value: string | undefined) => {
    const at = name.lastIndexOf("@");
    const path = `$."${attribute}"`;
    await client().query(
      `UPDATE mysql.global_priv SET Priv = ${value === undefined ? "JSON_REMOVE(Priv, ?)" : "JSON_SET(Priv, ?, ?)"} WHERE User = ? AND Host = ?`,
      [path, ...(value === undefined ? [] : [value]), name.slice(0, at), name.slice(at + 1)],
    );
  };
  const addMember = async (key: EntitlementKey, { name }: Sample) => {
    await client().query(`GRANT ${identifier(roleName(key))} TO ${quoteUser(name)}`);
  };
  const documentOf = async (name: string) => {
    const [rows] = await client().query(
      "SELECT Priv FROM mysql.global_priv WHERE CONCAT(User, '@', Host) = ?",
      [name],
    );
    const [row] = rows as { Priv: string | object }[];
    return row && (typeof row.Priv === "string" ? JSON.parse(row.Priv) : row.Priv);
  };
  return {
    async fill(samples) {
      for (let at = 0; at < samples.length; at += 500) {
        const part = samples.slice(at, at + 500);
        const users = part.map(({ name }) => quoteUser(name)).join(", ");
        await client().query(`CREATE USER ${users}`);
        await client().query(`GRANT people TO ${users}`);
        const values = part.flatMap(({ name, attributes }) => [name, attributes["app.mail"]?.[0]]);
        const cases = part.map(() => "WHEN ? THEN ?").join(" ");
        await client().query(
          `UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$."app.mail"', CASE CONCAT(User, '@', Host) ${cases} END) WHERE CONCAT(User, '@', Host) IN (?)`,
          [...values, part.map(({ name }) => name)],
        );
      }
    },
    async read({ name }) {
      const known = await documentOf(name);
      if (!known) return undefined;
      const named = ["comment", "app.mail"].filter((attribute) => known[attribute] !== undefined);
      return {
        attributes: Object.fromEntries(named.map((attribute) => [attribute, [String(known[attribute])]])),
        enabled: known.account_locked !== true,
      };
    },
    edit: ({ name }, attribute, [value]) => edit(name, attribute, value),
    async remove({ name }) {
      await client().query(`DROP USER ${quoteUser(name)}`);
    },
    async disable({ name }) {
      await client().query(`ALTER USER ${quoteUser(name)} ACCOUNT LOCK`);
    },
    async createEntitlement(key, members) {
      await client().query(`CREATE ROLE ${identifier(roleName(key))}`);
      for (const member of members) await addMember(key, member);
    },
    addMember,
    async login({ name }, password) {
      const user = name.slice(0, name.lastIndexOf("@"));
      return createConnection({ host: "127.0.0.1", port: server.port, user, password }).then(
        (one) => {
          one.destroy();
          return true;
        },
        () => false,
      );
    },
    mustChange: async ({ name }) => (await documentOf(name)).password_last_changed === 0,
    async countMembers(key) {
      const [rows] = await client().query(
        "SELECT 1 FROM mysql.roles_mapping WHERE Role = ? AND Admin_option = 'N'",
        [roleName(key)],
      );
      return (rows as unknown[]).length;
    },
  };
}
