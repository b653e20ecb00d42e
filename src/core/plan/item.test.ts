import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planned, plannedMembership } from "../../../test/support/planned.ts";
import type { AccountItem, MembershipItem } from "../model/change.ts";
import { planHash } from "./item.ts";

const base = {
  operation: "Update",
  identity: "ann",
  anchor: "#1",
  attributes: [{ name: "mail", before: ["a@example.org"], after: ["b@example.org"] }],
} as const satisfies Partial<AccountItem>;
const record = { anchor: "#1", name: "uid=ann", version: "1", enabled: true, attributes: {} };

describe("an item's hash", () => {
  test.each<{ shows: string; edit: Partial<AccountItem> }>([
    { shows: "target", edit: { target: "admins" } },
    { shows: "identity", edit: { identity: "bob" } },
    { shows: "operation", edit: { operation: "Create" } },
    { shows: "anchor", edit: { anchor: "#2" } },
    { shows: "rename", edit: { rename: "uid=zoe" } },
    { shows: "whether it was enabled", edit: { before: { ...record, enabled: false } } },
    { shows: "value before", edit: { attributes: [{ ...base.attributes[0], before: [] }] } },
    { shows: "value after", edit: { attributes: [{ ...base.attributes[0], after: ["c"] }] } },
    {
      shows: "values, not their text",
      edit: { attributes: [{ ...base.attributes[0], after: ["b", "example"] }] },
    },
    { shows: "attribute", edit: { attributes: [{ ...base.attributes[0], name: "note" }] } },
    { shows: "expression", edit: { attributes: [{ ...base.attributes[0], pending: "account('x').name" }] } },
    { shows: "secrecy", edit: { attributes: [{ ...base.attributes[0], sensitive: true }] } },
  ])("differs when another $shows is shown", ({ edit }) => {
    const before = { ...record, enabled: true };
    expect(planned({ ...base, before, ...edit }).hash).not.toBe(planned({ ...base, before }).hash);
  });

  test.each<{ what: string; edit: Partial<AccountItem> }>([
    { what: "its wave", edit: { wave: 900 } },
    { what: "its reasons", edit: { reasons: [[{ source: "Grant", name: "g" }]] } },
    { what: "since when it settles", edit: { unsettledSince: 1 } },
    { what: "the version that was read", edit: { before: { ...record, version: "2" } } },
  ])("is the same whatever $what", ({ edit }) => {
    expect(planned({ ...base, before: record, ...edit }).hash).toBe(
      planned({ ...base, before: record }).hash,
    );
  });

  test.each<{ shows: string; edit: Partial<MembershipItem> }>([
    { shows: "entitlement", edit: { entitlementAnchor: "g2" } },
    { shows: "operation", edit: { operation: "Revoke" } },
    { shows: "account", edit: { anchor: "#2" } },
  ])("of a membership differs when another $shows is shown", ({ edit }) => {
    const grant = { operation: "Grant", identity: "ann", anchor: "#1", entitlementAnchor: "g1" } as const;
    expect(plannedMembership({ ...grant, ...edit }).hash).not.toBe(plannedMembership(grant).hash);
  });

  test("tells two items apart exactly when their values differ", () => {
    const values = fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(values, values, fc.boolean(), (a, b, sensitive) => {
        const of = (after: readonly string[]) =>
          planned({ ...base, attributes: [{ name: "mail", before: [], after, sensitive }] }).hash;
        expect(of(a) === of(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  test("of a value that another store has assigned is also what it was as an expression", () => {
    const delta = { name: "mail", before: [], after: ["#7"] };
    const shown = planned({ ...base, attributes: [{ ...delta, after: [], pending: "account('x').anchor" }] });
    const later = planned({ ...base, attributes: [{ ...delta, assigned: "account('x').anchor" }] });
    expect(later.earlierHash).toBe(shown.hash);
    expect(later.hash).not.toBe(shown.hash);
  });
});

test("a plan's hash does not depend on the order of its items", () => {
  const items = ["a", "b", "c"].map((identity) => planned({ ...base, identity }));
  expect(planHash(items.toReversed())).toBe(planHash(items));
  expect(planHash(items.slice(1))).not.toBe(planHash(items));
});
