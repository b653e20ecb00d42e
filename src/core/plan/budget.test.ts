import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allowance, windowOf } from "./budget.ts";

const per = "24h";

describe("allowance", () => {
  test.each([
    { percent: 5, atLeast: 5, atMost: 50, linked: 0, allowed: 5, reason: "atLeast, however few there are" },
    { percent: 5, atLeast: 5, atMost: 50, linked: 100, allowed: 5, reason: "the share is just that" },
    { percent: 5, atLeast: 5, atMost: 50, linked: 139, allowed: 6, reason: "a share is rounded down" },
    { percent: 5, atLeast: 5, atMost: 50, linked: 10_000, allowed: 50, reason: "atMost, however many" },
    { percent: 0, atLeast: 0, atMost: 0, linked: 10_000, allowed: 0, reason: "nothing at all" },
    { percent: 100, atLeast: 0, linked: 7, allowed: 7, reason: "everybody, with no atMost" },
    { percent: 50, atLeast: 9, atMost: 3, linked: 4, allowed: 3, reason: "atMost wins over atLeast" },
  ])("$percent % of $linked, $atLeast to $atMost, is $allowed: $reason", ({ linked, allowed, ...budget }) =>
    expect(allowance({ ...budget, per }, linked)).toBe(allowed),
  );

  test("is never less for more accounts", () => {
    const budget = fc.record({
      percent: fc.double({ min: 0, max: 100, noNaN: true }),
      atLeast: fc.nat(100),
      atMost: fc.nat(100),
    });
    fc.assert(
      fc.property(budget, fc.nat(10_000), fc.nat(10_000), (limits, a, more) => {
        expect(allowance({ ...limits, per }, a + more)).toBeGreaterThanOrEqual(
          allowance({ ...limits, per }, a),
        );
      }),
    );
  });

  test("has a window in milliseconds", () => {
    expect(windowOf({ percent: 0, atLeast: 0, per: "1h30m" })).toBe(5_400_000);
  });
});
