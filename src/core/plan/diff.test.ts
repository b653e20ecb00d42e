import { describe, expect, test } from "vitest";
import { caseOf, contextOf, desiredOf, linkOf, modelOf, recordOf } from "../../../test/support/planned.ts";
import type { AccountCase } from "./case.ts";
import { verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { diffAccount } from "./diff.ts";

const now = 1_000_000;
const none = { presence: "None", why: [], unsettledSince: undefined, emergency: false } as const;
const hour = 3_600_000;

function diff(one: Partial<AccountCase>, context: Partial<PlanContext> = {}) {
  const out = verdict();
  diffAccount(contextOf({ now, ...context }), caseOf(one), out);
  return out;
}

const repairing = (outside: object) => ({ model: modelOf({ outside }) });
const deleting = {
  model: modelOf({
    allow: ["Disable", "Delete"],
    deprovision: { action: "Disable", deleteAfter: "1h" },
  }),
};
const left = (disabledAt: number) => ({
  desired: none,
  link: linkOf({ status: "Disabled", disabledAt, desired: "None/None" }),
  record: recordOf({ enabled: false }),
});

describe("one account", () => {
  test.each<{
    reason: string;
    one: Partial<AccountCase>;
    context?: Partial<PlanContext>;
    does: readonly string[];
    tells?: readonly string[];
  }>([
    { reason: "all is as it should be", one: {}, does: [] },
    { reason: "nobody has it yet", one: { link: undefined, record: undefined }, does: ["Create"] },
    {
      reason: "a value differs",
      one: { record: recordOf({ attributes: { mail: ["x"], employeeNumber: ["E-1"] } }) },
      does: ["Update"],
    },
    {
      reason: "a value differs in its case only",
      one: { record: recordOf({ attributes: { mail: ["ANN@example.org"], employeeNumber: ["E-1"] } }) },
      does: [],
    },
    {
      reason: "it is called otherwise",
      one: { record: recordOf({ name: "uid=x,dc=org" }) },
      does: ["Update"],
    },
    {
      reason: "it is called otherwise, and the store cannot rename",
      one: { record: recordOf({ name: "uid=x,dc=org" }) },
      context: { can: { rename: false, disable: true, restore: true } },
      does: [],
      tells: ["Held"],
    },
    {
      reason: "somebody disabled it",
      one: { record: recordOf({ enabled: false }) },
      does: [],
      tells: ["Outside"],
    },
    {
      reason: "somebody disabled it by moving it where disabled accounts lie",
      one: { record: recordOf({ name: "uid=ann,ou=gone,dc=org", enabled: false }) },
      does: [],
      tells: ["Outside"],
    },
    {
      reason: "somebody disabled and moved it, and that is repaired",
      one: { record: recordOf({ name: "uid=ann,ou=gone,dc=org", enabled: false }) },
      context: repairing({ disabled: "Repair" }),
      does: ["Update", "Enable"],
    },
    {
      reason: "somebody disabled it, and that is repaired",
      one: { record: recordOf({ enabled: false }) },
      context: repairing({ disabled: "Repair" }),
      does: ["Enable"],
    },
    {
      reason: "we had disabled it",
      one: { link: linkOf({ status: "Disabled" }), record: recordOf({ enabled: false }) },
      does: ["Enable"],
    },
    { reason: "somebody deleted it", one: { record: null }, does: [], tells: ["Outside"] },
    {
      reason: "somebody deleted it, and that is repaired",
      one: { record: null },
      context: repairing({ missing: "Repair" }),
      does: ["Create"],
    },
    { reason: "it was not read", one: { record: undefined }, does: [] },
    {
      reason: "it proves to be somebody else's",
      one: { link: linkOf({ strongKeys: { employeenumber: "x", employeeNumber: "e-0" } }) },
      does: [],
      tells: ["Conflict"],
    },
    {
      reason: "it proves to be somebody else's, and a pin says that it is not",
      one: { link: linkOf({ strongKeys: { employeeNumber: "e-0" } }), pinned: "#1" },
      does: [],
    },
    { reason: "nothing is due", one: { desired: none }, does: ["Disable"] },
    {
      reason: "nothing is due, and nothing is there",
      one: { desired: none, record: null },
      does: ["Forget"],
    },
    { reason: "nothing is due, nobody was linked", one: { desired: none, link: undefined }, does: [] },
    {
      reason: "nothing is due, and the target retains",
      one: { desired: none },
      context: { model: modelOf({ deprovision: { action: "Retain" } }) },
      does: [],
    },
    {
      reason: "nothing is due, and the store cannot disable",
      one: { desired: none },
      context: { can: { rename: true, disable: false, restore: true } },
      does: [],
    },
    { reason: "it was disabled, for good", one: left(0), does: [] },
    {
      reason: "its grace period runs",
      one: left(now - hour + 1),
      context: deleting,
      does: [],
      tells: ["Pending"],
    },
    { reason: "its grace period is over", one: left(now - hour), context: deleting, does: ["Delete"] },
    {
      reason: "somebody enabled it in its grace period",
      one: { ...left(0), record: recordOf({ enabled: true }) },
      context: deleting,
      does: ["Disable"],
    },
    {
      reason: "an emergency had disabled it long before it left",
      one: { ...left(0), link: linkOf({ status: "Disabled", disabledAt: 0, desired: "Disabled/Disabled" }) },
      context: deleting,
      does: [],
      tells: ["Pending"],
    },
    { reason: "a person cut it", one: { desired: { presence: "Cut" } }, does: ["Forget"] },
    { reason: "an emergency", one: { desired: { presence: "Disabled" } }, does: ["Disable"] },
    {
      reason: "something is unknown",
      one: { desired: { presence: "Held", reason: "x" }, record: recordOf({ enabled: false }) },
      does: [],
      tells: ["Held"],
    },
    {
      reason: "something is awaited",
      one: { desired: { presence: "Pending", reason: "x" } },
      does: [],
      tells: ["Pending"],
    },
  ])("$reason: $does", ({ one, context, does, tells = [] }) => {
    const { items, findings } = diff(one, context);
    expect(items.map((item) => item.operation)).toEqual(does);
    expect(findings.map((finding) => finding.kind)).toEqual(tells);
  });

  test("drift is told from an edit by what it was found converged with", () => {
    const record = recordOf({ attributes: { mail: ["x"], employeeNumber: ["E-1"] } });
    const reasonOf = (one: Partial<AccountCase>) =>
      diff({ record, ...one }).items[0]?.reasons[0]?.[0]?.source;
    expect(reasonOf({})).toBe("Drift");
    expect(reasonOf({ desired: desiredOf({ hash: "edited" }) })).toBe("Target");
  });

  test("a strong key that is absent for a while still proves what it did", () => {
    const desired = desiredOf({ values: { mail: ["ann@example.org"] } });
    const { link } = diff({ desired, link: linkOf({ strongKeys: { employeeNumber: "e-1" } }) });
    expect(link?.strongKeys).toEqual({ employeeNumber: "e-1" });
  });
});
