import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { expect, test } from "vitest";
import { applyPatch, type Image, patchBetween } from "./patch.ts";

const text = fc.string({ unit: "grapheme", maxLength: 6 });
/** Names that a JSON pointer escapes, and those of an object's own. */
const attribute = fc.oneof(text, fc.constantFrom("a/b", "a~b", "~1", "", "toString", "constructor"));
const members = {
  name: text,
  enabled: fc.boolean(),
  attributes: fc.dictionary(attribute, fc.array(text, { maxLength: 3 }), { noNullPrototype: true }),
  password: text,
  entitlements: fc.array(text, { maxLength: 2 }),
};
/** Half of them nothing, as what is created comes from. */
const image: fc.Arbitrary<Image> = fc.oneof(
  fc.constant({}),
  fc.record(members, { requiredKeys: [], noNullPrototype: true }),
);

test("a patch is what fast-json-patch makes of the two images, and leads from one to the other without a change to either", () => {
  fc.assert(
    fc.property(image, image, (before, after) => {
      const patch = patchBetween(before, after);
      expect(patch).toEqual(jsonPatch.compare(before, after));
      const kept = JSON.stringify([before, patch]);
      expect(applyPatch(before, patch)).toEqual(after);
      expect(JSON.stringify([before, patch])).toBe(kept);
    }),
  );
});
