import { expect, it, test } from "vitest";
import { duration } from "../kinds/common.ts";
import { parseDuration } from "./duration.ts";

test.each([
  ["30s", 30_000],
  ["1h30m", 5_400_000],
  ["720h", 2_592_000_000],
  ["250ms", 250],
  ["1m250ms", 60_250],
  ["0s", 0],
])("%s is %i ms", (text, milliseconds) => {
  expect(duration.parse(text)).toBe(text);
  expect(parseDuration(text)).toBe(milliseconds);
});

it("refuses what the schema refuses", () => {
  for (const text of ["", "30", "s", "1d", "-1s", "1.5h", " 1s"]) {
    expect(duration.safeParse(text).success).toBe(false);
    expect(() => parseDuration(text)).toThrow(/cannot read the duration/);
  }
});
