import fc from "fast-check";
import { expect, test } from "vitest";
import { intent } from "../../../test/support/state/samples.ts";
import type { Values } from "../../core/model/values.ts";
import { applyPatch, type Image, patchBetween } from "../../report/patch.ts";
import { imageAfter } from "../intent-image.ts";
import { splitUpdate } from "./split-update.ts";

const names = ["mail", "sn", "title", "a/b~c"];
const attributes = fc.dictionary(
  fc.constantFrom(...names),
  fc.array(fc.constantFrom("x", "y", "z"), { minLength: 1, maxLength: 3 }),
);

function update(before: Image, after: Image) {
  return intent("ada", { operation: "Update", before: { ...before }, patch: patchBetween(before, after) });
}

test("both parts together are the update, and no attribute is in both", () => {
  fc.assert(
    fc.property(attributes, attributes, fc.boolean(), fc.subarray(names), (was, is, renames, borne) => {
      const [before, after]: [Image, Image] = renames
        ? [
            { name: "old", attributes: was },
            { name: "new", attributes: is },
          ]
        : [{ attributes: was }, { attributes: is }];
      const split = splitUpdate(update(before, after), (name) => borne.includes(name));
      const touched = new Set([...Object.keys(was), ...Object.keys(is)]);
      const made = [...touched].filter((name) => borne.includes(name));
      expect(split !== undefined).toBe(made.length > 0 && (renames || made.length < touched.size));
      if (!split) return;
      const whole = { ...imageAfter(split.rest).attributes, ...imageAfter(split.made).attributes };
      expect(whole).toEqual(is);
      expect(imageAfter(split.rest).name).toBe(after.name);
      expect({
        ...(split.made.before as Image).attributes,
        ...(split.rest.before as Image).attributes,
      }).toEqual(was);
      const inMade = Object.keys({
        ...(split.made.before as Image).attributes,
        ...imageAfter(split.made).attributes,
      });
      expect(inMade.toSorted()).toEqual(made.toSorted());
    }),
  );
});

test("an attribute that is to be cleared is borne by who has none of it", () => {
  const before = { attributes: { mail: ["a"], title: ["Dr"] } };
  const asked: [string, Values][] = [];
  const split = splitUpdate(update(before, { attributes: { mail: ["b"] } }), (name, values) => {
    asked.push([name, values]);
    return values.length === 0;
  });
  expect(asked).toEqual([
    ["mail", ["b"]],
    ["title", []],
  ]);
  expect(split?.made).toMatchObject({ before: { attributes: { title: ["Dr"] } } });
  expect(applyPatch(split?.made.before as Image, split?.made.patch ?? [])).toEqual({ attributes: {} });
});

test("nothing but an update is split", () => {
  const create = intent("ada", { operation: "Create", before: {}, patch: [] });
  expect(splitUpdate(create, () => true)).toBeUndefined();
});
