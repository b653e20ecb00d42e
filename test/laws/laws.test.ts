import fc from "fast-check";
import { expect, test } from "vitest";
import { lawHistories } from "../support/environment.ts";
import { step } from "./history.ts";
import { liveThrough } from "./run-history.ts";

const histories = fc.array(step, { minLength: 4, maxLength: 24 });

test("the laws hold over random histories of edits, faults, crashes and clock steps", {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(histories, (steps) => liveThrough(steps)),
    { numRuns: lawHistories() },
  );
  expect(lawHistories()).toBeGreaterThanOrEqual(1000);
});
