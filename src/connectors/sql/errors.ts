import { StoreError, type StoreErrorKind } from "../errors.ts";

/** How far a failure reaches: one row's values, the whole statement whatever its rows, or the connection. */
export type Scope = "Row" | "Statement" | "Connection";

/** A database's error, in its own words but without its `detail`, which quotes rows. */
export class SqlError extends StoreError {
  readonly scope: Scope;

  constructor(kind: StoreErrorKind, scope: Scope, message: string, cause?: unknown) {
    super(kind, message, { cause });
    this.scope = scope;
  }
}

/** A change that touched another number of rows than one. */
export function wrongCount(count: number): SqlError {
  const words =
    count === 0 ? "no row was touched" : `${count} rows would be touched, and one account is one row`;
  return new SqlError("Invalid", "Row", words);
}

/** The same error, saying what could not be done. */
export function explain(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError)
    return new StoreError(error.kind, `cannot ${doing}: ${error.message}`, { cause: error });
  const words = error instanceof Error ? error.message : String(error);
  return new StoreError("Unavailable", `cannot ${doing}: ${words}`, { cause: error });
}

/** Passes pages on and explains what stops them. */
export async function* explaining<T>(pages: AsyncIterable<T>, doing: string): AsyncIterable<T> {
  try {
    yield* pages;
  } catch (error) {
    throw explain(error, doing);
  }
}

const postgresClasses: readonly (readonly [prefix: string, kind: StoreErrorKind, scope: Scope])[] = [
  ["23505", "Conflict", "Row"],
  ["23P01", "Conflict", "Row"],
  ["23", "Invalid", "Row"],
  ["22", "Invalid", "Row"],
  ["44", "Invalid", "Row"],
  ["P0", "Invalid", "Row"],
  ["28", "Unauthenticated", "Connection"],
  ["3D", "Unauthenticated", "Connection"],
  ["40", "Retryable", "Statement"],
  ["55P03", "Retryable", "Statement"],
  ["57014", "Retryable", "Statement"],
  ["53300", "Retryable", "Connection"],
  ["25006", "Denied", "Statement"],
  ["42501", "Denied", "Statement"],
  ["42", "Invalid", "Statement"],
  ["0A", "Invalid", "Statement"],
];

/** By SQLSTATE (PostgreSQL, appendix A); an error without one came from the wire. */
export function fromPostgres(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { code, message } = readError(error);
  if (/^SASL|password/.test(message) && !isSqlState(code))
    return new SqlError("Unauthenticated", "Connection", message);
  const mapped = isSqlState(code) ? postgresClasses.find(([prefix]) => code.startsWith(prefix)) : undefined;
  const [, kind, scope] = mapped ?? ["", "Unavailable", "Connection"];
  if (code === "42501" && message.includes("row-level security")) return new SqlError(kind, "Row", message);
  return new SqlError(kind, scope, code.startsWith("22") ? withoutValue(message) : message);
}

const sqliteCodes: Readonly<Record<number, readonly [kind: StoreErrorKind, scope: Scope]>> = {
  1: ["Invalid", "Statement"], // SQLITE_ERROR
  3: ["Denied", "Connection"], // SQLITE_PERM
  5: ["Retryable", "Statement"], // SQLITE_BUSY
  6: ["Retryable", "Statement"], // SQLITE_LOCKED
  8: ["Denied", "Statement"], // SQLITE_READONLY
  17: ["Retryable", "Statement"], // SQLITE_SCHEMA
  18: ["Invalid", "Row"], // SQLITE_TOOBIG
  19: ["Invalid", "Row"], // SQLITE_CONSTRAINT
  20: ["Invalid", "Row"], // SQLITE_MISMATCH
  23: ["Denied", "Connection"], // SQLITE_AUTH
  25: ["Invalid", "Statement"], // SQLITE_RANGE
};
const uniqueConstraints = new Set([1555, 2067, 2579]); // PRIMARYKEY, UNIQUE, ROWID
const raised = 1811; // SQLITE_CONSTRAINT_TRIGGER

/** By SQLite's result code: the low byte says the kind, the whole which constraint. */
export function fromSqlite(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { message } = readError(error);
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  if (typeof code !== "number") return new SqlError("Unavailable", "Connection", message, error);
  if (uniqueConstraints.has(code)) return new SqlError("Conflict", "Row", message, error);
  if (code === raised) return new SqlError("Invalid", "Row", message, error);
  const [kind, scope] = sqliteCodes[code & 0xff] ?? ["Unavailable", "Connection"];
  return new SqlError(kind, scope, message, error);
}

/** What the connector itself refused is about one row. */
function known(error: unknown): SqlError | undefined {
  if (error instanceof SqlError) return error;
  return error instanceof StoreError ? new SqlError(error.kind, "Row", error.message) : undefined;
}

function readError(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const code = (error as { code?: unknown }).code;
  // A host with several addresses fails with one error for each, and no message.
  const parts = error instanceof AggregateError ? error.errors.map((part) => readError(part).message) : [];
  return { code: typeof code === "string" ? code : "", message: error.message || parts.join(", ") };
}

/** Node's own codes (`ECONNRESET`) have other lengths, but for `EPIPE`. */
function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && code !== "EPIPE";
}

/** `invalid input syntax for type integer: "abc"` quotes the value, which may be a secret. */
function withoutValue(message: string): string {
  return message.replace(/: ".*$/s, "").replace(/"[^"]*" is out of range/, "value is out of range");
}
