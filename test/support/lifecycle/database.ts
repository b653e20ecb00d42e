import pg from "pg";
import { startPostgres } from "../postgres.ts";
import { departments, type System, target } from "./system.ts";

const tables = `
  CREATE TABLE users (id serial PRIMARY KEY, login text UNIQUE NOT NULL, number text UNIQUE, department text, blocked boolean NOT NULL DEFAULT false);
  CREATE TABLE roles (id serial PRIMARY KEY, name text UNIQUE NOT NULL);
  CREATE TABLE user_roles (user_id int REFERENCES users, role_id int REFERENCES roles, PRIMARY KEY (user_id, role_id));
  CREATE TABLE edits (at serial PRIMARY KEY, role_id int);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO edits (role_id) VALUES (coalesce(NEW.role_id, OLD.role_id)); RETURN NULL; END $$;
  CREATE TRIGGER note AFTER INSERT OR DELETE ON user_roles FOR EACH ROW EXECUTE FUNCTION note();
  INSERT INTO users (login) SELECT 'someone' || n FROM generate_series(1, 41) AS n;
  INSERT INTO roles (name) VALUES ('research'), ('sales')`;

const held = `SELECT users.id, blocked, department, array_remove(array_agg(roles.name), NULL) AS groups FROM users
  LEFT JOIN user_roles ON user_id = users.id LEFT JOIN roles ON role_id = roles.id WHERE login = $1 GROUP BY users.id`;

/** An application's users in PostgreSQL. Their numbers follow on those of people that Rollcall knows nothing of. */
export async function startDatabaseSystem(): Promise<System> {
  const server = await startPostgres();
  const url = await server.createDatabase();
  const query = async (text: string, values: readonly string[] = []): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await query(tables);
  const name = "app";
  return {
    name,
    files: { "app.url": url },
    manifests: [
      { kind: "Store", name, spec: { sql: { dialect: "postgres", url: { file: "app.url" } } } },
      target(name, accounts, { sql }),
      ...departments(name, false),
    ],
    async read(login) {
      const [row] = await query(held, [login]);
      if (row === undefined) return undefined;
      const { id, blocked, department, groups } = row;
      return {
        ...{ id: String(id), enabled: blocked === false, department: String(department) },
        groups: groups as string[],
      };
    },
    async lastChanged() {
      const rows = await query(
        "SELECT name FROM roles JOIN edits ON role_id = roles.id GROUP BY name ORDER BY max(at)",
      );
      return rows.map((row) => String(row.name));
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

const accounts = {
  name: { expression: "identity.userName" },
  match: [{ keys: ["number"], strong: true }],
  attributes: {
    number: { expression: "identity.employeeNumber" },
    department: { expression: "identity.department" },
  },
};

const sql = {
  table: {
    ...{ name: "users", key: "login", id: "id" },
    disabled: { column: "blocked", disabled: "true", enabled: "false" },
  },
  entitlements: {
    join: {
      ...{ table: "user_roles", account: "user_id", entitlement: "role_id" },
      list: { table: "roles", id: "id", name: "name" },
    },
  },
};
