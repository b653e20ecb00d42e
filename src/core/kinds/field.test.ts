import fc from "fast-check";
import { expect, test } from "vitest";
import { fieldOf, pathOf } from "./field.ts";

test("a path reads as people write it", () => {
  expect(fieldOf(["spec", "match", 0, "keys"])).toBe("spec.match[0].keys");
  expect(fieldOf(["spec", "attributes", "badge no.", 1])).toBe('spec.attributes["badge no."][1]');
});

test("every path can be read back", () => {
  const step = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: "grapheme" }), fc.nat());
  fc.assert(
    fc.property(fc.array(step), (path) => {
      expect(pathOf(fieldOf(["spec", ...path]))).toEqual(["spec", ...path]);
    }),
  );
});
