import { describe, expect, test } from "vitest";
import { planned, plannedMembership } from "../../../test/support/planned.ts";
import { task } from "../../../test/support/state/samples.ts";
import type { PlanItem } from "../model/change.ts";
import { covering } from "./covering.ts";
import { effectsOf, sensitiveEffect } from "./effects.ts";

const delta = (name: string, after: string, more = {}) => ({ name, before: [], after: [after], ...more });
const update = (...attributes: ReturnType<typeof delta>[]) =>
  planned({ operation: "Update", identity: "ann", anchor: "#1", attributes });
const whole = update(delta("mail", "a"), delta("department", "b"));

describe("whoever was asked for a change was asked for", () => {
  const asked = (item: PlanItem) => task("people-1", { identity: "ann", effects: effectsOf(item, "key") });
  const isCovered = (by: PlanItem, item: PlanItem) => covering([asked(by)], "key")(item) !== undefined;
  const create = planned({
    operation: "Create",
    identity: "ann",
    attributes: whole.kind === "account" ? whole.attributes : [],
  });

  test.each<[string, PlanItem, PlanItem, boolean]>([
    ["the same", whole, whole, true],
    ["what is left of it", whole, update(delta("mail", "a")), true],
    ["it whatever was there before", whole, update({ ...delta("mail", "a"), before: ["x"] } as never), true],
    ["not another value", whole, update(delta("mail", "b")), false],
    ["not more", update(delta("mail", "a")), whole, false],
    ["what the account that was made lacks", create, update(delta("mail", "a")), true],
    [
      "not a new name",
      whole,
      planned({ operation: "Update", identity: "ann", anchor: "#1", rename: "n" }),
      false,
    ],
    [
      "not that it is disabled",
      create,
      planned({ operation: "Disable", identity: "ann", anchor: "#1" }),
      false,
    ],
    [
      "a membership, whether or not the account was there yet",
      plannedMembership({ operation: "Grant", identity: "ann" }),
      plannedMembership({ operation: "Grant", identity: "ann", anchor: "#1", entitlementAnchor: "#lab" }),
      true,
    ],
    [
      "not that it is taken again",
      plannedMembership({ operation: "Grant", identity: "ann" }),
      plannedMembership({ operation: "Revoke", identity: "ann" }),
      false,
    ],
    [
      "nothing of somebody else's",
      whole,
      planned({ operation: "Update", identity: "bob", attributes: [delta("mail", "a")] }),
      false,
    ],
    [
      "not an adoption, which is nobody's to make",
      whole,
      planned({ operation: "Adopt", identity: "ann" }),
      false,
    ],
  ])("%s", (_, by, item, expected) => {
    expect(isCovered(by, item)).toBe(expected);
  });
});

test("a sensitive value is known again under the state's key alone", () => {
  const secret = update(delta("pin", "4711", { sensitive: true }));
  expect(effectsOf(secret, "key")).toEqual([sensitiveEffect("pin", ["4711"], "key")]);
  expect(effectsOf(secret, "another")).not.toEqual(effectsOf(secret, "key"));
  expect(effectsOf(secret, "key")).not.toEqual(effectsOf(update(delta("pin", "4711")), "key"));
});
