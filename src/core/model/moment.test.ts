import fc from "fast-check";
import { expect, it, test } from "vitest";
import { endOf, startOf } from "./moment.ts";

test.each([
  ["2026-03-31", "2026-03-31T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
  ["2026-12-31", "2026-12-31T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2026-03-31T17:00Z", "2026-03-31T17:00:00.000Z", "2026-03-31T17:00:00.000Z"],
  ["2026-03-31T17:00:00+02:00", "2026-03-31T15:00:00.000Z", "2026-03-31T15:00:00.000Z"],
  ["2026-03-31T17:00:00.123456789-05:30", "2026-03-31T22:30:00.123Z", "2026-03-31T22:30:00.123Z"],
])("%s begins at %s and ends at %s", (text, start, end) => {
  expect(new Date(startOf(text)!).toISOString()).toBe(start);
  expect(new Date(endOf(text)!).toISOString()).toBe(end);
});

test.each([
  "2026-02-30",
  "2026-13-01",
  "2026-00-10",
  "2026-03-31T24:00:00Z",
  "2026-03-31T10:61:00Z",
  "2026-03-31T10:00:00+24:00",
  "soon",
  "",
])("%j is no moment", (text) => {
  expect(startOf(text)).toBeUndefined();
  expect(endOf(text)).toBeUndefined();
});

it("agrees with Date on every instant and day", () => {
  const range = { min: new Date("0100-01-01"), max: new Date("9999-12-31"), noInvalidDate: true };
  fc.assert(
    fc.property(fc.date(range), (date) => {
      const iso = date.toISOString();
      expect(startOf(iso)).toBe(date.getTime());
      expect(endOf(iso.slice(0, 10))! - startOf(iso.slice(0, 10))!).toBe(86_400_000);
    }),
  );
});
