import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Postgres, startPostgres } from "../test/support/postgres.ts";
import type { Person } from "./company.ts";
import { seconds } from "./tool.ts";

const table = `create table people (
  login text primary key, mail text not null, number text not null, department text, title text, disabled timestamptz
)`;

export function startDatabase(): Promise<Postgres> {
  return startPostgres({ fsync: true });
}

/** A new database with the table; its URL. */
export async function emptyTable(server: Postgres): Promise<string> {
  const url = await server.createDatabase();
  await seconds("psql", ["-X", "-q", url, "-c", table]);
  return url;
}

/** The Store and the Target of the table; the URL is in the environment as `DATABASE_URL`. */
export function databasePolicies(): string[] {
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: Store
metadata:
  name: postgres
spec:
  sql:
    dialect: postgres
    url:
      env: DATABASE_URL
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: Target
metadata:
  name: database
spec:
  store:
    name: postgres
  mode: Enforce
  accounts:
    when: "identity.userType == 'Employee'"
    name:
      expression: "identity.userName"
    match:
      - keys: [number]
        strong: true
    attributes:
      mail:
        expression: "primary(identity.emails)"
      number:
        expression: "identity.employeeNumber"
      department:
        expression: "identity.department"
      title:
        expression: "identity.title"
  sql:
    table:
      name: people
      key: login
      disabled:
        column: disabled
        disabled: "2000-01-01T00:00:00Z"
`,
  ];
}

/** Seconds that `\copy` needs for the same rows, into a table of its own. */
export async function timeCopyIn(server: Postgres, everyone: readonly Person[]): Promise<number> {
  const url = await emptyTable(server);
  const file = join(server.folder, "people.csv");
  const rows = everyone.map((one) => [one.id, one.mail, one.number, one.department, one.title].join(","));
  await writeFile(file, `${rows.join("\n")}\n`);
  const copy = `\\copy people (login, mail, number, department, title) from '${file}' csv`;
  return seconds("psql", ["-X", "-q", url, "-c", copy]);
}

/** Seconds that `COPY TO` needs for what a scan reads. */
export function timeCopyOut(url: string): Promise<number> {
  const copy = "copy (select login, xmin from people) to stdout";
  return seconds("psql", ["-X", "-q", url, "-c", copy]);
}

/** Somebody else commits something that is nobody's account. */
export async function touchOutside(url: string): Promise<void> {
  await seconds("psql", [
    "-X",
    "-q",
    url,
    "-c",
    "create table if not exists other (); select txid_current()",
  ]);
}
