import { otherwise } from "../error-rows.ts";
import { known, SqlError } from "../errors.ts";
import { mysqlErrors } from "./error-rows.ts";

/** By the error's number; an error without one came from the wire. The driver's error also holds the statement, and is left out. */
export function fromMysql(error: unknown): SqlError {
  const own = known(error);
  if (own) return own;
  const { message = String(error), errno } = (error ?? {}) as { message?: string; errno?: unknown };
  const mapped = mysqlErrors.find(([numbers]) => numbers.some((number) => number === errno));
  const [, kind, scope] = mapped ?? otherwise;
  return new SqlError(kind, scope, withoutValues(message));
}

/** Whether the server itself said what went wrong; the driver's own numbers are others. */
export function isAnswer(error: unknown): boolean {
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  return typeof errno === "number" && errno >= 1000 && typeof sqlState === "string";
}

/** `Duplicate entry 'abc' for key`, `Incorrect integer value: 'abc'` and `near 'abc'` quote values, which may be secrets. */
function withoutValues(message: string): string {
  return message
    .replace(/ near '.*$/s, "")
    .replace(/ entry '.*' for key /s, " entry for key ")
    .replace(/ value: '.*'(?= for (column|function) |$)/s, " value:")
    .replace(/ string:? '.*'(?= from |$)/s, " string")
    .replace(/ is out of range in '.*$/s, " is out of range");
}
