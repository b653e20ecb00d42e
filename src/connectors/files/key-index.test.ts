import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOf, KeyIndex } from "./key-index.ts";

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

test("two keys that differ in any two bits have different hashes by nearly every seed", () => {
  const key = [0x4e00, 0x5a3c, 0x6211, 0x7531];
  const bits = Array.from({ length: key.length * 16 }, (_, bit) => bit);
  const seeds = Array.from({ length: 32 }, (_, seed) => seed);
  const hashes = (codes: readonly number[]) =>
    seeds.map((seed) => hashOf(String.fromCharCode(...codes), seed));
  const flip = (codes: readonly number[], bit: number) =>
    codes.with(bit >> 4, codes[bit >> 4]! ^ (1 << (bit & 15)));
  const plain = hashes(key);
  for (const one of bits)
    for (const other of bits.slice(one + 1)) {
      const flipped = hashes(flip(flip(key, one), other));
      expect(flipped.filter((hash, seed) => hash === plain[seed]).length).toBeLessThan(2);
    }
});
