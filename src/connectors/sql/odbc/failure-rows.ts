import type { StoreErrorKind } from "../../errors.ts";
import type { Scope } from "../mapped.ts";

export interface FailureRow {
  /** An SQLSTATE or the beginning of one. */
  readonly state: string;
  /** The database's own number, where the state covers several things. */
  readonly code?: number;
  /** What its words hold, where the number does too. */
  readonly says?: RegExp;
  readonly kind: StoreErrorKind;
  readonly scope: Scope;
  readonly meaning: string;
}

/**
 * What ODBC's own SQLSTATEs mean (ODBC Programmer's Reference, appendix A), and what some databases hide behind a general one; the first
 * that fits counts, and after these the SQLSTATEs that hold for every database.
 */
export const odbcStates: readonly FailureRow[] = [
  {
    state: "08",
    says: /password|authentication/i,
    kind: "Unauthenticated",
    scope: "Connection",
    meaning: "user or password refused (PostgreSQL)",
  },
  {
    state: "08",
    says: /database .* does not exist/,
    kind: "Unauthenticated",
    scope: "Connection",
    meaning: "no such database (PostgreSQL)",
  },
  { state: "08", kind: "Unavailable", scope: "Connection", meaning: "no connection" },
  {
    state: "IM",
    kind: "Invalid",
    scope: "Connection",
    meaning: "the driver manager knows no such driver, or the driver cannot do this",
  },
  {
    state: "01000",
    says: /Can't open lib/,
    kind: "Invalid",
    scope: "Connection",
    meaning: "the driver cannot be loaded",
  },
  { state: "HYT", kind: "Retryable", scope: "Statement", meaning: "time-out" },
  { state: "HYC", kind: "Invalid", scope: "Statement", meaning: "the driver cannot do this" },
  {
    state: "23000",
    code: 1062,
    kind: "Conflict",
    scope: "Row",
    meaning: "unique violation (MariaDB, MySQL)",
  },
  { state: "23000", code: 2627, kind: "Conflict", scope: "Row", meaning: "unique violation (SQL Server)" },
  {
    state: "23000",
    code: 2601,
    kind: "Conflict",
    scope: "Row",
    meaning: "unique index violation (SQL Server)",
  },
  { state: "23000", code: 1, kind: "Conflict", scope: "Row", meaning: "unique violation (Oracle)" },
  {
    state: "42000",
    code: 1049,
    kind: "Unauthenticated",
    scope: "Connection",
    meaning: "no such database (MariaDB, MySQL)",
  },
  {
    state: "42000",
    code: 1142,
    kind: "Denied",
    scope: "Statement",
    meaning: "no privilege on the table (MariaDB, MySQL)",
  },
  {
    state: "42000",
    code: 1143,
    kind: "Denied",
    scope: "Statement",
    meaning: "no privilege on the column (MariaDB, MySQL)",
  },
  { state: "42000", code: 229, kind: "Denied", scope: "Statement", meaning: "no privilege (SQL Server)" },
  { state: "42000", code: 1031, kind: "Denied", scope: "Statement", meaning: "no privilege (Oracle)" },
  {
    state: "HY000",
    code: 1290,
    kind: "Denied",
    scope: "Statement",
    meaning: "the server may only be read (MariaDB, MySQL)",
  },
  {
    state: "HY000",
    code: 1205,
    kind: "Retryable",
    scope: "Statement",
    meaning: "a lock was not to be had (MariaDB, MySQL)",
  },
  {
    state: "HY000",
    code: 2002,
    kind: "Unavailable",
    scope: "Connection",
    meaning: "the server cannot be reached (MariaDB, MySQL)",
  },
  {
    state: "HY000",
    code: 14,
    says: /connect failed/,
    kind: "Unavailable",
    scope: "Connection",
    meaning: "the file cannot be opened (SQLite)",
  },
  {
    state: "HY000",
    code: 19,
    says: /UNIQUE/,
    kind: "Conflict",
    scope: "Row",
    meaning: "unique violation (SQLite)",
  },
  {
    state: "HY000",
    code: 5,
    says: /locked|busy/,
    kind: "Retryable",
    scope: "Statement",
    meaning: "another process holds the lock (SQLite)",
  },
  {
    state: "HY000",
    code: 8,
    says: /readonly/,
    kind: "Denied",
    scope: "Statement",
    meaning: "the file may only be read (SQLite)",
  },
  {
    state: "HY000",
    code: 1,
    says: /no such|syntax error/,
    kind: "Invalid",
    scope: "Statement",
    meaning: "a statement that cannot be run (SQLite)",
  },
];
