import fc from "fast-check";
import { expect, test } from "vitest";
import { entitlementKey, entitlementRef } from "./account.ts";

const by = fc.constantFrom("Name" as const, "DN" as const, "Id" as const);
const name = fc.oneof(
  fc.string(),
  fc.tuple(by, fc.string()).map(([prefix, rest]) => `${prefix}:${rest}`),
);

test("a reference can be read back from its key", () => {
  fc.assert(
    fc.property(fc.record({ name, by }), (ref) => {
      expect(entitlementRef(entitlementKey(ref))).toEqual(ref);
    }),
  );
});
