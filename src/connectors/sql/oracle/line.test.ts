import { expect, test } from "vitest";
import { oracleCodec } from "./catalog.ts";
import type { OracleConnection, OracleDb } from "./driver.ts";
import { fromOracle } from "./errors.ts";
import { OracleLine } from "./line.ts";

const never = new AbortController().signal;

/** A driver that keeps what it was asked, and answers a stream with these pages. */
function driverOf(pages: (readonly (readonly unknown[])[])[] = []) {
  const asked: { text: string; autoCommit: boolean }[] = [];
  const connection: OracleConnection = {
    async execute(text, _, options) {
      asked.push({ text, autoCommit: (options as { autoCommit: boolean }).autoCommit });
      const left = [...pages];
      return {
        rowsAffected: 1,
        resultSet: { getRows: async () => left.shift() ?? [], close: async () => undefined },
      };
    },
    commit: async () => undefined,
    rollback: async () => undefined,
    close: async () => undefined,
    isHealthy: () => true,
  };
  const driver: OracleDb = {
    STRING: {},
    BUFFER: {},
    OUT_FORMAT_ARRAY: 4001,
    getConnection: async () => connection,
  };
  return { driver, asked };
}

test("a session speaks UTC and plain numbers, whatever the server's settings", async () => {
  const { driver, asked } = driverOf();
  await OracleLine.open(driver, {}, never);
  expect(asked.map(({ text }) => text.split(" = ")[0])).toEqual([
    "ALTER SESSION SET TIME_ZONE",
    "ALTER SESSION SET NLS_NUMERIC_CHARACTERS",
    "ALTER SESSION SET NLS_DATE_FORMAT",
    "ALTER SESSION SET NLS_TIMESTAMP_FORMAT",
    "ALTER SESSION SET NLS_TIMESTAMP_TZ_FORMAT",
  ]);
});

test("nothing is committed by itself within a transaction", async () => {
  const { driver, asked } = driverOf();
  const line = await OracleLine.open(driver, {}, never);
  asked.length = 0;
  await line.begin(never);
  await line.run({ text: "UPDATE", values: [] }, never);
  await line.commit(never);
  await line.run({ text: "DELETE", values: [] }, never);
  expect(asked).toEqual([
    { text: "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", autoCommit: false },
    { text: "UPDATE", autoCommit: false },
    { text: "DELETE", autoCommit: true },
  ]);
});

test("a stream ends when there are no more rows", async () => {
  const { driver } = driverOf([[["a", null]], [["b", Buffer.from([1])]]]);
  const line = await OracleLine.open(driver, {}, never);
  const rows = [];
  for await (const page of line.pages("SELECT", never)) rows.push(...page);
  expect(rows).toEqual([
    ["a", null],
    ["b", Buffer.from([1])],
  ]);
});

test("an empty text is refused: Oracle would take it for none", () => {
  expect(() => oracleCodec("VARCHAR2").encode("")).toThrow("empty");
  expect(oracleCodec("VARCHAR2").encode("x")).toBe("x");
});

test("an instant is written and read as the session has it", () => {
  const codec = oracleCodec("TIMESTAMP(6)");
  expect(codec.encode("2026-03-31T17:00:00.5+02:00")).toBe("2026-03-31T15:00:00.5Z");
  expect(codec.encode("2026-03-31")).toBe("2026-03-31T00:00:00.0Z");
  expect(oracleCodec("DATE").encode("2026-03-31T17:00:00Z")).toBe("2026-03-31T17:00:00Z");
  expect(codec.decode("2026-03-31T15:00:00.500000Z")).toBe("2026-03-31T15:00:00.5Z");
});

test.each([
  [{ errorNum: 1, message: "ORA-00001: unique constraint (APP.U) violated\nHelp: …" }, "Conflict", "Row"],
  [{ errorNum: 8177, message: "ORA-08177: can't serialize access" }, "Retryable", "Statement"],
  [{ errorNum: 20001, message: "ORA-20001: raised by a trigger" }, "Invalid", "Row"],
  [{ errorNum: 1017, message: "ORA-01017: invalid username/password" }, "Unauthenticated", "Connection"],
  [{ message: "NJS-500: connection to the Oracle Database was broken" }, "Unavailable", "Connection"],
])("the error %o is understood", (error, kind, scope) => {
  expect(fromOracle(error)).toMatchObject({ kind, scope });
});
