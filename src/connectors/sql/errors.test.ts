import { describe, expect, test } from "vitest";
import { resultCodes, sqlStates } from "./error-rows.ts";
import { fromPostgres, fromSqlite } from "./errors.ts";

const failing = (properties: object) => Object.assign(new Error("words"), properties);

describe("an error of PostgreSQL is what the table says", () => {
  test.each(sqlStates)("%s: %s, of the %s: %s", (state, kind, scope) => {
    expect(fromPostgres(failing({ code: state.padEnd(5, "Z") }))).toMatchObject({ kind, scope });
  });

  test("and one that is not in it says that the database cannot be had", () => {
    for (const code of ["57P01", "ECONNRESET", "EPIPE", undefined])
      expect(fromPostgres(failing({ code }))).toMatchObject({ kind: "Unavailable", scope: "Connection" });
  });
});

describe("an error of SQLite is what the table says", () => {
  test.each([...resultCodes])("%i", (errcode, [, kind, scope]) => {
    expect(fromSqlite(failing({ errcode }))).toMatchObject({ kind, scope });
  });

  test.each([
    ["SQLITE_BUSY_SNAPSHOT", 517, "Retryable"],
    ["SQLITE_CONSTRAINT_TRIGGER", 1811, "Invalid"],
    ["SQLITE_CORRUPT", 11, "Unavailable"],
  ])("%s, which is not in it, goes by the code it extends", (_, errcode, kind) =>
    expect(fromSqlite(failing({ errcode }))).toMatchObject({ kind }),
  );
});
