import { StoreError, type StoreErrorKind } from "../errors.ts";
import { otherwise, resultCodes, sqlStates } from "./error-rows.ts";
import type { Scope } from "./mapped.ts";

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

/** A statement of the manifest committed, or undid, what it was a part of. */
export function endedTransaction(): SqlError {
  const words = "a statement of the script ended the transaction: what was done before it may stay";
  return new SqlError("InDoubt", "Connection", words);
}

export function abortedCall(): SqlError {
  return new SqlError("Retryable", "Connection", "the call was aborted");
}

/** What a commit failed with. After it was sent, only an answer tells whether it was done. */
export function inDoubt(failure: SqlError, answered = failure.scope !== "Connection"): never {
  if (answered) throw failure;
  throw new SqlError("InDoubt", "Connection", `the commit got no answer: ${failure.message}`);
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

/** By SQLSTATE (PostgreSQL, appendix A); an error without one came from the wire. */
export function fromPostgres(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { code, message } = readError(error);
  if (/^SASL|password/.test(message) && !isSqlState(code))
    return new SqlError("Unauthenticated", "Connection", message);
  const mapped = isSqlState(code) ? sqlStates.find(([prefix]) => code.startsWith(prefix)) : undefined;
  const [, kind, scope] = mapped ?? otherwise;
  if (code === "42501" && message.includes("row-level security")) return new SqlError(kind, "Row", message);
  return new SqlError(kind, scope, code.startsWith("22") ? withoutValue(message) : message);
}

/** By SQLite's extended result code, or the plain one in its low byte. */
export function fromSqlite(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { message } = readError(error);
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  if (typeof code !== "number") return new SqlError("Unavailable", "Connection", message, error);
  const [, kind, scope] = resultCodes.get(code) ?? resultCodes.get(code & 0xff) ?? otherwise;
  return new SqlError(kind, scope, message, error);
}

/** Where nobody knows what an error means, the connection is not to be trusted. */
export function asSqlError(error: unknown): SqlError {
  const words = error instanceof Error ? error.message : String(error);
  return known(error) ?? new SqlError("Unavailable", "Connection", words, error);
}

/** What the connector itself refused is about one row. */
export function known(error: unknown): SqlError | undefined {
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
