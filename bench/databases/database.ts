import { writeFile } from "node:fs/promises";
import type { Person } from "../company.ts";

/** A database that is loaded and read, beside its own tools. */
export interface BenchDatabase extends AsyncDisposable {
  readonly name: string;
  /** The Store's block, under `sql`. */
  readonly store: Readonly<Record<string, unknown>>;
  /** What its own tools are called in the table, and what tells that nothing changed. */
  readonly tools: { readonly load: string; readonly read: string; readonly marker: string };
  /** The most that a load may be, in times of the tool's. */
  readonly goal: number;
  /** A new, empty table `people`, and what the store's block needs in its environment. */
  table(): Promise<Place>;
}

export interface Place {
  readonly environment: Readonly<Record<string, string>>;
  /** Under which a store's files lie. */
  readonly root: string;
  /** Seconds that the tool needs for the rows of a CSV file. */
  load(file: string): Promise<number>;
  /** Seconds that the tool needs to read what a scan reads. */
  read(): Promise<number>;
  /** Somebody else commits something that is nobody's account. */
  touch(): Promise<void>;
}

export const peopleTable = (text: string, time: string): string =>
  `create table people (login ${text} primary key, mail ${text} not null, number ${text} not null, department ${text}, title ${text}, disabled ${time})`;

/** What a load writes, as CSV for the tool. */
export async function writeRows(file: string, everyone: readonly Person[]): Promise<void> {
  const rows = everyone.map((one) => [one.id, one.mail, one.number, one.department, one.title].join(","));
  await writeFile(file, `${rows.join("\n")}\n`);
}

/** The Store and the Target of the table. */
export function databasePolicies(store: BenchDatabase["store"]): string[] {
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: Store
metadata:
  name: database
spec:
  sql: ${JSON.stringify(store)}
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: Target
metadata:
  name: database
spec:
  store:
    name: database
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
