import type { Database, Session } from "../database.ts";
import { SqlError } from "../errors.ts";

/**
 * For statements that commit by themselves, a transaction that is none: nothing is undone, and a statement that got no answer may have been
 * carried out.
 */
export function eachCommitted(database: Database): Pick<Database, "transaction"> {
  return {
    transaction(_isolation, _mode, call, work) {
      const session: Session = {
        mode: "Savepoints",
        savepoint: (part) => part(),
        query: (query) =>
          database.query(query, call).catch((error: unknown) => {
            // Lost, or given up: what the server was told it may carry out all the same.
            const lost =
              error instanceof SqlError && error.scope === "Connection" && error.kind !== "Unauthenticated";
            if (!lost || query.text.startsWith("SELECT")) throw error;
            throw new SqlError("InDoubt", "Connection", `a statement got no answer: ${error.message}`);
          }),
      };
      return work(session);
    },
  };
}
