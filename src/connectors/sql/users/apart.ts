import type { Session } from "../database.ts";
import { SqlError } from "../errors.ts";

/** The same session, where a right that lacks, or an object that is not there, is one user's matter and not everybody's. */
export function eachApart(session: Session): Session {
  return {
    mode: session.mode,
    savepoint: (work) => session.savepoint(work),
    query: (query) =>
      session.query(query).catch((error: unknown) => {
        const shared = error instanceof SqlError && error.scope === "Statement" && error.kind !== "Retryable";
        throw shared ? new SqlError(error.kind, "Row", error.message) : error;
      }),
  };
}
