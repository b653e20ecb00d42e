import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const fields = ["department", "displayName", "division"];

test.each([
  ["departement", "department"],
  ["dispalyname", "displayName"],
  ["Division", "division"],
  ["manager", undefined],
])("%s may mean %s", (word, meant) => {
  expect(nearest(word, fields)).toBe(meant);
});

test("nothing is suggested where nothing is near", () => {
  expect(didYouMean("manager", fields)).toBe("");
});
