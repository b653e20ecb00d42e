import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lawHistories } from "../support/environment.ts";
import { brokenVariants } from "./broken.ts";
import { history, type Step } from "./history.ts";
import { liveThrough, Violation } from "./run-history.ts";

const hours = 3_600_000;

test("the ten laws hold over random histories of edits, faults, crashes and clock steps", {
  timeout: 12 * hours,
}, async () => {
  await fc.assert(
    fc.asyncProperty(history, (steps) => liveThrough(steps)),
    { numRuns: lawHistories() },
  );
});

describe("each law's test can fail", () => {
  test("every law has a broken variant", () =>
    expect([...new Set(brokenVariants.map(({ law }) => law))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));

  test.for(brokenVariants)(
    "law $law catches that $how",
    { timeout: hours },
    async ({ law, tampering, shows }) => {
      const broken: number[] = [];
      const lives = fc.asyncProperty(history, async (steps: Step[]) => {
        try {
          await liveThrough(steps, tampering);
        } catch (error) {
          if (!(error instanceof Violation)) throw error;
          broken.push(error.law);
          if (error.law === law) throw error;
        }
      });
      const examples: [Step[]][] = shows ? [[[...shows]]] : [];
      const result = await fc.check(lives, { numRuns: 20_000, endOnFailure: true, examples });
      const last = result.errorInstance;
      expect(
        last instanceof Violation ? last.law : `no violation; others: ${[...new Set(broken)].join()}`,
      ).toBe(law);
    },
  );
});
