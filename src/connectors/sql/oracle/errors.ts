import { known, SqlError } from "../errors.ts";
import { oracleErrors } from "./error-rows.ts";

/** What has no number of the database's own came from the wire. */
export function fromOracle(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { errorNum, message } = error as { errorNum?: number; message?: string };
  const words = (message ?? String(error)).split("\n", 1)[0] ?? "";
  const row = oracleErrors.find(([numbers]) => numbers.includes(errorNum ?? -1));
  if (row) return new SqlError(row[2], row[3], words, error);
  return /^ORA-/.test(words)
    ? new SqlError("Invalid", "Row", words, error)
    : new SqlError("Unavailable", "Connection", words, error);
}
