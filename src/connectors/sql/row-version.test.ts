import fc from "fast-check";
import { expect, test } from "vitest";
import { versionGiven, versionOfCells } from "./row-version.ts";

const cell = fc.oneof(
  fc.constant(null),
  fc.string({ maxLength: 4 }),
  fc.constantFrom("n", "s1:a", "1", "", "b1:61", "bigint1;"),
  fc.bigInt({ min: -20n, max: 20n }),
  fc.uint8Array({ maxLength: 3 }),
);
const plain = (cells: readonly unknown[]) =>
  JSON.stringify(cells.map((one) => [one === null ? "null" : typeof one, String(one)]));

test("two rows have one version only when they are the same", () => {
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 4 }), fc.array(cell, { maxLength: 4 }), (one, other) => {
      expect(versionOfCells(one) === versionOfCells(other)).toBe(plain(one) === plain(other));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["where a value ends counts", ["a", "b"], ["ab", ""]],
  ["a number is no text", ["1"], [1n]],
  ["NULL is no text", [null], ["n"]],
  ["bytes are no text", ["a"], [new Uint8Array([97])]],
])("%s", (_, one, other) => {
  expect(versionOfCells(one)).not.toBe(versionOfCells(other));
});

test("a version that the database made is taken as it is", () => expect(versionGiven(["42"])).toBe("42"));

test("a row's only cell is not told by its version", () =>
  expect(versionOfCells(["ada"])).not.toContain("ada"));
