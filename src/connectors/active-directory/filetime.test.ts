import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFiletime, encodeFiletime } from "./filetime.ts";

describe("a FILETIME", () => {
  test.each([
    ["133485408000000000", "2024-01-01T00:00:00Z"],
    ["134398760461243620", "2026-11-23T02:54:06.124362Z"],
    ["1", "1601-01-01T00:00:00.0000001Z"],
    ["116444735999999999", "1969-12-31T23:59:59.9999999Z"],
  ])("%s is %s", (ticks, time) => {
    expect(decodeFiletime(ticks)).toBe(time);
    expect(encodeFiletime(time)).toBe(ticks);
  });

  test("of 0 or the greatest there is stands for no time", () => {
    for (const value of ["0", "9223372036854775807", "", "-1", "x"])
      expect(decodeFiletime(value)).toBeUndefined();
  });

  test("takes any offset, and nothing that is no time", () => {
    expect(encodeFiletime("2024-01-01T02:00:00+02:00")).toBe("133485408000000000");
    for (const text of ["tomorrow", "", "2024-13-01T00:00:00Z"]) expect(encodeFiletime(text)).toBeUndefined();
  });

  test("comes back as it was", () => {
    // To the end of the year 9999.
    const ticks = fc.bigInt({ min: 1n, max: 2_650_467_743_999_999_999n }).map(String);
    fc.assert(fc.property(ticks, (value) => encodeFiletime(decodeFiletime(value) ?? "") === value));
  });
});
