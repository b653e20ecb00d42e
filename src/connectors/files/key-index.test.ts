import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyIndex } from "./key-index.ts";

const keys = fc.array(fc.string({ maxLength: 2, unit: fc.constantFrom("a", "b", "c") }), {
  maxLength: 3_000,
});

test("a key's rows are among its candidates, in order, and nearly nothing else is", () => {
  fc.assert(
    fc.property(keys, (list) => {
      const index = new KeyIndex();
      for (const [row, key] of list.entries()) index.add(key, row);
      for (const wanted of new Set([...list, "absent"])) {
        const rows = [...list.keys()].filter((row) => list[row] === wanted);
        expect(index.candidates(wanted).filter((row) => list[row] === wanted)).toEqual(rows);
      }
    }),
    { numRuns: 20 },
  );
  const index = new KeyIndex();
  for (let row = 0; row < 50_000; row++) index.add(`key ${row}`, row);
  const found = Array.from({ length: 1_000 }, (_, n) => index.candidates(`key ${n * 50}`));
  expect(found.flat().length).toBeLessThan(1_010);
});

test("any two rows of one key are a pair, the earlier one first, and those added later, too", () => {
  fc.assert(
    fc.property(keys, keys, (list, more) => {
      const [all, index] = [[...list, ...more].slice(0, 100), new KeyIndex()];
      for (const [row, key] of all.entries()) {
        index.add(key, row);
        if (row === list.length) expect(index.candidates(key)).toContain(row);
      }
      const found = new Set([...index.pairs()].map((pair) => pair.join()));
      for (const [row, key] of all.entries())
        for (let later = row + 1; later < all.length; later++)
          if (all[later] === key) expect(found).toContain(`${row},${later}`);
    }),
    { numRuns: 20 },
  );
});
