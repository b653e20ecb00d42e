import { known, SqlError } from "../errors.ts";
import { sqlServerErrors } from "./error-rows.ts";

/** What has no number came from the wire. */
export function fromSqlServer(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { number, message, code } = error as { number?: number; message?: string; code?: string };
  const words = message ?? String(error);
  const row = sqlServerErrors.find(([numbers]) => numbers.includes(number ?? -1));
  if (row) return new SqlError(row[2], row[3], withoutValues(words), error);
  if (number !== undefined) return new SqlError("Invalid", "Row", withoutValues(words), error);
  if (code === "ELOGIN") return new SqlError("Unauthenticated", "Connection", words, error);
  if (words.startsWith("cannot read column")) return new SqlError("Invalid", "Statement", words, error);
  return new SqlError("Unavailable", "Connection", words, error);
}

/** `The duplicate key value is (ann).` and `'abc' to data type int` quote what may be secret. */
function withoutValues(words: string): string {
  return words.replace(/ The duplicate key value is .*$/s, "").replace(/value '[^']*'/, "value");
}
