import type { ErrorRow } from "../errors.ts";
import type { Mapped } from "./mapped.ts";
import { mysqlErrors } from "./mysql/error-rows.ts";
import { odbcStates } from "./odbc/failure-rows.ts";
import { oracleErrors } from "./oracle/error-rows.ts";
import { sqlServerErrors } from "./sqlserver/error-rows.ts";

/** What is in no table: the connection is not to be trusted. */
export const otherwise: Mapped = ["", "Unavailable", "Connection", "anything else"];

/** By SQLSTATE or the beginning of one (PostgreSQL, appendix A); the first that fits counts. */
export const sqlStates: readonly Mapped[] = [
  ["23505", "Conflict", "Row", "unique violation"],
  ["23P01", "Conflict", "Row", "exclusion violation"],
  ["23", "Invalid", "Row", "other constraints: not null, foreign key, check"],
  ["22", "Invalid", "Row", "a value that the column's type does not take"],
  ["44", "Invalid", "Row", "the check option of a view"],
  ["P0", "Invalid", "Row", "raised by a trigger or a function"],
  ["28", "Unauthenticated", "Connection", "user or password refused"],
  ["3D", "Unauthenticated", "Connection", "no such database"],
  ["40", "Retryable", "Statement", "rolled back: deadlock, serialization failure"],
  ["55P03", "Retryable", "Statement", "a lock was not to be had"],
  ["57014", "Retryable", "Statement", "cancelled: statement or lock time-out"],
  ["53300", "Retryable", "Connection", "too many connections"],
  ["25006", "Denied", "Statement", "read-only transaction: a standby"],
  ["42710", "Conflict", "Row", "there is a role of that name"],
  ["42939", "Invalid", "Row", "a name that the database keeps for itself"],
  ["42704", "Invalid", "Row", "there is no such role or setting"],
  ["2BP01", "Invalid", "Row", "a role that owns something or holds privileges, here or in another database"],
  ["0LP01", "Invalid", "Row", "a grant that cannot be: a role to itself"],
  ["42501", "Denied", "Statement", "insufficient privilege"],
  ["42", "Invalid", "Statement", "a table, column or function that is not there"],
  ["XX000", "Retryable", "Statement", "an internal error, as of two who change one role at a time"],
  ["0A", "Invalid", "Statement", "feature not supported"],
];

/** By SQLite's result codes (sqlite.org/rescode.html), extended ones among them. */
export const resultCodes: ReadonlyMap<number, Mapped> = new Map([
  [1, ["SQLITE_ERROR", "Invalid", "Statement", "a statement that cannot be run"]],
  [3, ["SQLITE_PERM", "Denied", "Connection", "no permission"]],
  [5, ["SQLITE_BUSY", "Retryable", "Statement", "another process holds the lock"]],
  [6, ["SQLITE_LOCKED", "Retryable", "Statement", "a table is locked"]],
  [8, ["SQLITE_READONLY", "Denied", "Statement", "the file may only be read"]],
  [17, ["SQLITE_SCHEMA", "Retryable", "Statement", "the tables changed meanwhile"]],
  [18, ["SQLITE_TOOBIG", "Invalid", "Row", "a value that is too long"]],
  [1555, ["SQLITE_CONSTRAINT_PRIMARYKEY", "Conflict", "Row", "the key is taken"]],
  [2067, ["SQLITE_CONSTRAINT_UNIQUE", "Conflict", "Row", "unique violation"]],
  [2579, ["SQLITE_CONSTRAINT_ROWID", "Conflict", "Row", "the row's number is taken"]],
  [19, ["SQLITE_CONSTRAINT", "Invalid", "Row", "other constraints, and what a trigger raised"]],
  [20, ["SQLITE_MISMATCH", "Invalid", "Row", "a value of another type"]],
  [23, ["SQLITE_AUTH", "Denied", "Connection", "not authorized"]],
  [25, ["SQLITE_RANGE", "Invalid", "Statement", "a parameter too many"]],
]);

export const errorRows: readonly ErrorRow[] = [
  ...sqlStates.map(([code, kind, , meaning]) => ({ code: `SQLSTATE ${code.padEnd(5, "·")}`, kind, meaning })),
  ...mysqlErrors.map(([numbers, kind, , meaning]) => ({
    code: `error ${numbers.join(", ")}`,
    kind,
    meaning,
  })),
  ...resultCodes.values().map(([code, kind, , meaning]) => ({ code, kind, meaning })),
  ...odbcStates.map(({ state, code, kind, meaning }) => ({
    kind,
    meaning: `over ODBC, ${[state, code].join(" ").trim()}: ${meaning}`,
  })),
  ...[...sqlServerErrors, ...oracleErrors].map(([numbers, , kind, , meaning]) => ({
    code: `number ${numbers.join(", ")}`,
    kind,
    meaning,
  })),
  { kind: "Moved", meaning: "the row is no longer what was read" },
  { kind: "NotFound", meaning: "the row is gone" },
  { kind: "Invalid", meaning: "another number of rows than one would be changed" },
  { kind: "InDoubt", meaning: "a commit that got no answer" },
  { kind: otherwise[1], meaning: `${otherwise[3]}, and a connection that is lost` },
];
