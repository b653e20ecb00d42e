import type { StoreErrorKind } from "../../errors.ts";
import { sqlStates } from "../error-rows.ts";
import { SqlError } from "../errors.ts";
import { odbcStates } from "./failure-rows.ts";
import type { Failure } from "./protocol.ts";

/** By SQLSTATE and the database's own number; where both say too little, by whether the connection still answers. */
export function fromFailure({ message, records, missing, alive }: Failure): SqlError {
  if (missing)
    return new SqlError(
      "Invalid",
      "Connection",
      `cannot load npm's odbc: ${firstLine(message)}; install unixODBC (on Debian unixodbc-dev, g++ and make), then run npm install odbc@2.6.0`,
    );
  const [record] = records;
  if (!record) return failed("Invalid", "Statement", message);
  const { state, code } = record;
  const row =
    odbcStates.find(
      (each) =>
        state.startsWith(each.state) &&
        (each.code ?? code) === code &&
        (each.says ?? anything).test(record.message),
    ) ??
    sqlStates
      .map(([state, kind, scope]) => ({ state, kind, scope }))
      .find((each) => state.startsWith(each.state));
  const { kind, scope } = row ?? { kind: "Invalid", scope: "Row" };
  return failed(kind, scope, plain(record.message, state));

  function failed(kind: StoreErrorKind, scope: SqlError["scope"], words: string): SqlError {
    // A driver often says of a lost connection that the statement failed.
    if (!alive && scope !== "Connection") return new SqlError("Unavailable", "Connection", words);
    return new SqlError(kind, scope, words);
  }
}

const anything = /(?:)/;

/** Without the names of who passed the message on, without details, which quote rows, and without values. */
function plain(message: string, state: string): string {
  const words = firstLine(message)
    .replace(/^(\[[^\]]*\])+ */, "")
    .replace(/;$/, "");
  if (!/^2[23]/.test(state)) return words;
  return words
    .replace(/'(?:[^']|'')*'/, "'…'")
    .replace(/: ".*$|"[^"]*" is out/, (part) => (part.startsWith(":") ? "" : "value is out"));
}

function firstLine(message: string): string {
  return message.trim().split("\n", 1)[0] ?? "";
}
