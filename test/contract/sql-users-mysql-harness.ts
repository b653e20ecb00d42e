import { createHash } from "node:crypto";
import { type Connection, createConnection } from "mysql2/promise";
import { sqlConnector } from "../../src/connectors/sql/sql.ts";
import type { MysqlServer } from "../support/mysql-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { sqlEnvironment } from "./sql-harness.ts";
import { type EntitlementKey, everything, type Harness, type Outside, type Sample } from "./subject.ts";

/** Where and how a server keeps its users, for the hand beside the connector's. */
export interface UserTables {
  readonly dialect: "mariadb" | "mysql";
  start(): Promise<MysqlServer>;
  /** Whether the server keeps a user's name as it is; none has characters beyond U+FFFF. */
  keeps(name: string): boolean;
  /** `name`, `host` and whether it is a `role` (0 or 1) of all who are there. */
  readonly everybody: string;
  /** `comment`, `mail`, and whether it is `locked` and its password `expired` (0 or 1), of the user ?@?. */
  readonly one: string;
  /** Sets the attribute of that path of one user, or takes it away. */
  set(path: string, given: boolean): string;
  path(attribute: string): string;
  /** Sets the attribute of that path of many users, by a CASE of their names. */
  setMany(path: string, cases: string): string;
  /** The members of the role ?. */
  readonly members: string;
}

export const userFeatures = {
  ...everything,
  rename: "a user is known by its name and host: under another name it is another user",
  restore: "a user who was dropped is gone",
  expect: "statements about users commit by themselves, and cannot be made to depend on what was read",
  multiValued: "an attribute of a user has one value",
  binary: "an attribute of a user is a text, a number or a truth value",
};

export async function startUsers(tables: UserTables): Promise<Harness> {
  const { dialect, start } = tables;
  const server = await start();
  const proxy = await startTcpProxy(server.port);
  let direct = await prepare(server);
  let other: MysqlServer | undefined;
  const through = (user: string, password: string) =>
    `mysql://${user}:${password}@127.0.0.1:${proxy.port}/rollcall`;
  const { username, password } = new URL(server.url);
  return {
    type: sqlConnector,
    store: { dialect, url: { env: "URL" } },
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
      name: `${fitting(tables, key)}@127.0.0.1`,
      attributes: { "app.mail": [`${key}@example.org`] },
    }),
    entitlement: (key) => ({
      name: roleName(key),
      refs: [{ name: roleName(key), by: "Name" }],
      attributes: { comment: [`The ${key}`] },
    }),
    outside: outside(() => direct, server, tables),
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
      wrongPassword: { dialect, url: { env: "WRONG" } },
      readOnly: { dialect, url: { env: "READ" } },
      async replaceServer() {
        other = await start();
        direct.destroy();
        direct = await prepare(other);
        proxy.redirect(other.port);
      },
    },
    async reset() {
      proxy.heal();
      const [rows] = await direct.query(tables.everybody);
      const kept = ["root", "owner", "reader", "people", "mariadb.sys"];
      const all = (rows as { name: string; host: string; role: number }[]).filter(
        ({ name }) => !kept.includes(name) && !name.startsWith("mysql."),
      );
      const [users, roles] = [all.filter(({ role }) => role === 0), all.filter(({ role }) => role === 1)];
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

function fitting({ keeps }: UserTables, key: string): string {
  const fits = keeps(key) && !/[\u{10000}-\u{10ffff}]/u.test(key);
  return fits ? key : createHash("sha256").update(key).digest("base64url").slice(0, 32);
}

function roleName(key: EntitlementKey): string {
  return `role "${key}"`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function quoteUser(name: string): string {
  const [user, host] = partsOf(name);
  return `${identifier(user)}@${identifier(host)}`;
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

function outside(client: () => Connection, server: MysqlServer, tables: UserTables): Outside {
  const edit = async (name: string, attribute: string, value: string | undefined) => {
    await client().query(tables.set(tables.path(attribute), value !== undefined), [
      ...(value === undefined ? [] : [value]),
      ...partsOf(name),
    ]);
    await client().query("FLUSH PRIVILEGES");
  };
  const addMember = async (key: EntitlementKey, { name }: Sample) => {
    await client().query(`GRANT ${identifier(roleName(key))} TO ${quoteUser(name)}`);
  };
  const find = async (name: string) => {
    const [rows] = await client().query(tables.one, partsOf(name));
    return (rows as Record<string, string | number | null>[])[0];
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
        const names = part.map(({ name }) => name);
        await client().query(tables.setMany(tables.path("app.mail"), cases), [...values, names]);
        await client().query("FLUSH PRIVILEGES");
      }
    },
    async read({ name }) {
      const known = await find(name);
      if (!known) return undefined;
      const { comment, mail } = known;
      return {
        attributes: {
          ...(comment === null ? {} : { comment: [String(comment)] }),
          ...(mail === null ? {} : { "app.mail": [String(mail)] }),
        },
        enabled: known.locked !== 1,
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
      const [user] = partsOf(name);
      return createConnection({ host: "127.0.0.1", port: server.port, user, password }).then(
        (one) => {
          one.destroy();
          return true;
        },
        () => false,
      );
    },
    mustChange: async ({ name }) => (await find(name))?.expired === 1,
    async countMembers(key) {
      const [rows] = await client().query(tables.members, [roleName(key)]);
      return (rows as unknown[]).length;
    },
  };
}

function partsOf(name: string): [user: string, host: string] {
  const at = name.lastIndexOf("@");
  return [name.slice(0, at), name.slice(at + 1)];
}
