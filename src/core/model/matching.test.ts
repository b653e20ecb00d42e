import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { normalise, sameValues } from "./matching.ts";
import type { Matching } from "./values.ts";

const matchings: readonly Matching[] = [
  "caseExact",
  "caseIgnore",
  "distinguishedName",
  "integer",
  "boolean",
  "telephone",
  "time",
  "binary",
];
const matching = fc.constantFrom(...matchings);
const value = fc.oneof(
  fc.constantFrom(
    "a",
    "A",
    " a",
    "a  b",
    "A B",
    "01",
    "1",
    "+1",
    "-0",
    "0",
    "TRUE",
    "t",
    "true",
    "f",
    "CN=a",
    "cn=A",
    "2026-03-31",
    "2026-03-31T00:00:00.50Z",
    "9999-12-31T23:59:59-23:00",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(..." aAςΣσßẞſİıK1-+\t\u00a0"), maxLength: 6 }),
);

describe("normalise", () => {
  test.each<[Matching, string, string, boolean]>([
    ["caseExact", "Alice", "alice", false],
    ["caseIgnore", "  Alice \t Smith ", "alice smith", true],
    ["caseIgnore", "ΑΣ", "ασ", true],
    ["caseIgnore", "Straße", "strasse", false],
    ["distinguishedName", "CN=A\\2Cb, DC=x", "cn=a\\,b,dc=x", true],
    ["integer", "007", "7", true],
    ["integer", "-0", "+0", true],
    ["integer", "12x", "12", false],
    ["integer", "9007199254740993", "9007199254740992", false],
    ["boolean", "TRUE", "1", true],
    ["boolean", "f", "false", true],
    ["boolean", "no", "false", false],
    ["telephone", "+49 30-123 45", "+493012345", true],
    ["telephone", "+49 30 1234", "+493012345", false],
    ["telephone", ".゛", ".\u3099", true],
    ["time", "2026-03-31", "2026-03-31T02:00:00.000+02:00", true],
    ["time", "2026-03-31T10:00:00.1200Z", "2026-03-31T10:00:00.12Z", true],
    ["time", "2026-03-31T10:00:00.12Z", "2026-03-31T10:00:00Z", false],
    ["time", "2026-02-30", "2026-03-02", false],
    ["time", "soon", "Soon", false],
    ["binary", "AAEC", "AAEC\n", true],
    ["binary", "aaec", "AAEC", false],
  ])("%s: %j and %j match: %j", (rule, a, b, match) => {
    expect(normalise(rule, a) === normalise(rule, b)).toBe(match);
  });

  it("is the same twice, under every rule", () => {
    fc.assert(
      fc.property(matching, value, (rule, text) => {
        expect(normalise(rule, normalise(rule, text))).toBe(normalise(rule, text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("sameValues", () => {
  it("agrees with comparing every value with every other", () => {
    const slow = (rule: Matching, a: readonly string[], b: readonly string[]) =>
      a.every((x) => b.some((y) => normalise(rule, x) === normalise(rule, y))) &&
      b.every((x) => a.some((y) => normalise(rule, x) === normalise(rule, y)));
    const values = fc.array(value, { maxLength: 4 });
    fc.assert(
      fc.property(matching, values, values, (rule, a, b) => {
        expect(sameValues({ matching: rule }, a, b)).toBe(slow(rule, a, b));
        expect(sameValues({ matching: rule }, a, [...a].reverse())).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("tells no values from one empty value", () => {
    expect(sameValues({ matching: "caseIgnore" }, [], [""])).toBe(false);
    expect(sameValues({ matching: "caseIgnore" }, [], [])).toBe(true);
  });
});

describe("values that imply others", () => {
  const implies = new Map([
    ["inetorgperson", ["person", "top"]],
    ["person", ["top"]],
  ]);
  const attribute = { matching: "caseIgnore", implies } as const;

  test.each<[string, string[], string[], boolean]>([
    ["what is implied may be left out", ["inetOrgPerson"], ["top", "person", "inetOrgPerson"], true],
    ["in part, too", ["inetOrgPerson", "top"], ["person", "inetOrgPerson"], true],
    ["one alone is not the other", ["person"], ["inetOrgPerson"], false],
    ["what nothing implies is missed", ["inetOrgPerson", "posixAccount"], ["top", "inetOrgPerson"], false],
    ["nothing is not implied by nothing", ["top"], [], false],
  ])("%s", (_, a, b, same) => {
    expect(sameValues(attribute, a, b)).toBe(same);
    expect(sameValues(attribute, b, a)).toBe(same);
  });
});
