import { describe, expect, test } from "vitest";
import { sqlTypes, wholeCell } from "./whole.ts";

const column = (type: number, size: number) => ({ name: "note", type, size });

describe("a cell", () => {
  test.each([
    ["a text that fits", "x".repeat(76), column(sqlTypes.varchar, 20)],
    [
      "a long text, whose length the driver only guesses",
      "x".repeat(9_000),
      column(sqlTypes.longVarchar, 255),
    ],
    ["a text of a column without a length", "x".repeat(9_000), column(sqlTypes.varchar, 0)],
    ["a number of 15 digits", 123456789.012345, column(sqlTypes.numeric, 38)],
    ["a floating-point number", 0.1 + 0.2, column(sqlTypes.double, 15)],
    ["nothing", null, column(sqlTypes.varchar, 20)],
    ["a large integer", 2n ** 62n, column(sqlTypes.bigint, 19)],
  ])("is whole: %s", (_, cell, from) => {
    expect(wholeCell(cell, from)).toBe(cell);
  });

  test("of bytes comes as bytes", () => {
    const bytes = new Uint8Array([0, 255]);
    expect(wholeCell(bytes.buffer, column(sqlTypes.binary, 2))).toEqual(bytes);
  });

  test.each([
    ["a text that fills the driver's buffer", "x".repeat(80), column(sqlTypes.varchar, 20)],
    ["a text that was cut before a letter of four bytes", "x".repeat(77), column(sqlTypes.varchar, 20)],
    ["bytes that go on after the buffer", new ArrayBuffer(300), column(sqlTypes.binary, 255)],
    ["a decimal number of 20 digits", Number("12345678901234567890"), column(sqlTypes.decimal, 30)],
    ["an even number that stands for its neighbours too", 1e18, column(sqlTypes.numeric, 38)],
  ])("that may not be whole is refused: %s", (_, cell, from) => {
    expect(() => wholeCell(cell, from)).toThrow(/^cannot read column note/);
  });
});
