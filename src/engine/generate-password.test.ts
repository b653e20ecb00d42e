import fc from "fast-check";
import { expect, test } from "vitest";
import { generatePassword } from "./generate-password.ts";

test("a generated password has its length, every class of characters, and none that is taken for another", () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 128 }), (length) => {
      const password = generatePassword(length);
      expect(password).toHaveLength(length);
      for (const wanted of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/]) expect(password).toMatch(wanted);
      expect(password).not.toMatch(/[0O1lI\s"'`\\,;:/&$]/);
    }),
  );
});

test("no two are alike, and every character comes up about as often as another", () => {
  const many = Array.from({ length: 2_000 }, () => generatePassword(20));
  expect(new Set(many).size).toBe(many.length);
  const counts = new Map<string, number>();
  for (const character of many.join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
  const mean = (2_000 * 20) / counts.size;
  // That a mark and a digit must be there makes them a little more frequent.
  for (const count of counts.values()) {
    expect(count).toBeGreaterThan(mean * 0.7);
    expect(count).toBeLessThan(mean * 1.5);
  }
});
