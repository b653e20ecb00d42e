import { describe, expect, test } from "vitest";
import { mysqlErrors } from "./error-rows.ts";
import { fromMysql, isAnswer } from "./errors.ts";

const failing = (properties: object, message = "words") => Object.assign(new Error(message), properties);
const each = mysqlErrors.flatMap(([numbers, kind, scope]) =>
  numbers.map((number) => [number, kind, scope] as const),
);

describe("an error of MariaDB or MySQL", () => {
  test.each(each)("%i: %s, of the %s, as the table says", (errno, kind, scope) => {
    expect(fromMysql(failing({ errno, sqlState: "HY000" }))).toMatchObject({ kind, scope });
  });

  test("stands in the table once", () =>
    expect(new Set(each.map(([number]) => number)).size).toBe(each.length));

  test("that is not in the table says that the database cannot be had", () => {
    for (const errno of [1053, -104, undefined])
      expect(fromMysql(failing({ errno }))).toMatchObject({ kind: "Unavailable", scope: "Connection" });
  });

  test("is an answer only when the server gave it", () => {
    expect(isAnswer(failing({ errno: 1213, sqlState: "40001" }))).toBe(true);
    expect(isAnswer(failing({ errno: -104, code: "ECONNRESET" }))).toBe(false);
    expect(isAnswer(failing({ code: "PROTOCOL_CONNECTION_LOST" }))).toBe(false);
  });

  test.each([
    ["Duplicate entry 'hunter2' for key 'login'", "Duplicate entry for key 'login'"],
    ["Duplicate entry 'it's hunter2' for key 'login'", "Duplicate entry for key 'login'"],
    [
      "Incorrect integer value: 'hunter2' for column `a`.`b` at row 1",
      "Incorrect integer value: for column `a`.`b` at row 1",
    ],
    ["Truncated incorrect DECIMAL value: 'hunter2'", "Truncated incorrect DECIMAL value:"],
    ["You have an error in your SQL syntax near 'hunter2' at line 1", "You have an error in your SQL syntax"],
    [
      "Cannot convert string 'hunter2' from binary to utf8mb4",
      "Cannot convert string from binary to utf8mb4",
    ],
    ["Invalid utf8mb4 character string: 'hunter2'", "Invalid utf8mb4 character string"],
    ["BIGINT value is out of range in '(hunter2 + 1)'", "BIGINT value is out of range"],
  ])("tells %j without the value", (message, told) => {
    expect(fromMysql(failing({ errno: 1062 }, message)).message).toBe(told);
  });

  test("leaves out what the driver adds to it: the statement", () => {
    const error = fromMysql(failing({ errno: 1062, sql: "INSERT … 'hunter2'" }));
    expect(JSON.stringify({ ...error, cause: error.cause ?? "none" })).not.toContain("hunter2");
  });
});
