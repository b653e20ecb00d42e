import { describe, expect, test } from "vitest";
import { fromFailure } from "./failures.ts";

const failure = (state: string, code: number, message: string, alive = true) =>
  fromFailure({ failed: true, message: "", records: [{ state, code, message }], missing: false, alive });

describe("what a driver says", () => {
  test.each([
    ["PostgreSQL's unique violation", "23505", 1, "duplicate key", "Conflict", "Row"],
    ["MariaDB's unique violation", "23000", 1062, "Duplicate entry", "Conflict", "Row"],
    ["MariaDB's NOT NULL", "23000", 1048, "cannot be null", "Invalid", "Row"],
    ["SQLite's unique violation", "HY000", 19, "[SQLite]UNIQUE constraint failed", "Conflict", "Row"],
    ["SQLite's NOT NULL", "HY000", 19, "[SQLite]NOT NULL constraint failed", "Invalid", "Row"],
    ["a lock", "HY000", 5, "[SQLite]database is locked", "Retryable", "Statement"],
    ["a deadlock", "40001", 1213, "Deadlock found", "Retryable", "Statement"],
    ["a time-out", "HYT00", 0, "Timeout expired", "Retryable", "Statement"],
    ["a missing privilege", "42000", 1142, "INSERT command denied", "Denied", "Statement"],
    ["a wrong password", "28000", 1045, "Access denied", "Unauthenticated", "Connection"],
    [
      "PostgreSQL's wrong password",
      "08001",
      101,
      "FATAL: password authentication failed",
      "Unauthenticated",
      "Connection",
    ],
    ["no such driver", "IM002", 0, "Data source name not found", "Invalid", "Connection"],
    ["no such table", "42S02", 1146, "doesn't exist", "Invalid", "Statement"],
    ["a lost connection", "08S01", 2013, "Lost connection", "Unavailable", "Connection"],
    ["whatever is in no table", "HY000", 4711, "oops", "Invalid", "Row"],
  ])("of %s is understood", (_, state, code, message, kind, scope) => {
    expect(failure(state, code, message)).toMatchObject({ kind, scope });
  });

  test("of a connection that answers no more is that it is lost, whatever it is called", () => {
    expect(failure("HY000", 4711, "oops", false)).toMatchObject({ kind: "Unavailable", scope: "Connection" });
    expect(failure("57P01", 35, "terminating", false)).toMatchObject({ kind: "Unavailable" });
  });

  test("is told without details and values, which may be secret", () => {
    const { message } = failure(
      "23505",
      1,
      '[x][y]ERROR: duplicate key value violates unique constraint "accounts_login_key"\nDETAIL: Key (login)=(hidden) already exists.;\nError',
    );
    expect(message).toBe('ERROR: duplicate key value violates unique constraint "accounts_login_key"');
    expect(failure("22007", 1366, "[ma]Incorrect integer value: 'hidden' for column `n`").message).toBe(
      "Incorrect integer value: '…' for column `n`",
    );
    expect(failure("22P02", 1, 'invalid input syntax for type integer: "hidden"').message).not.toContain(
      "hidden",
    );
  });
});

test("a module that is not there is Invalid, and says how it is put in", () => {
  const error = fromFailure({
    failed: true,
    message: "Cannot find package 'odbc'",
    records: [],
    missing: true,
    alive: false,
  });
  expect(error).toMatchObject({ kind: "Invalid", scope: "Connection" });
  expect(error.message).toContain("npm install odbc");
});
