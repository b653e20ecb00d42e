import { expect, it } from "vitest";
import { globMatches } from "./glob.ts";

it.each([
  ["people-*.csv", "people-2026-11-23.csv", true],
  ["people-*.csv", "people-.csv", true],
  ["people-*.csv", "people-1.csv.done", false],
  ["people-?.csv", "people-1.csv", true],
  ["people-?.csv", "people-12.csv", false],
  ["*", "anything", true],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-b-b-d", false],
  ["a.b", "a-b", false],
  ["(a|b)+", "(a|b)+", true],
  ["", "", true],
])("%s and %s: %s", (pattern, name, fits) => {
  expect(globMatches(pattern, name)).toBe(fits);
});

it("takes no time to speak of for a pattern that keeps a backtracking matcher busy for years", () => {
  expect(globMatches(`${"*a".repeat(120)}b`, "a".repeat(255))).toBe(false);
});
