import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { modelOf, outcomeOf, planned, plannedMembership } from "../../../test/support/planned.ts";
import { task as taskWith } from "../../../test/support/state/samples.ts";
import { operations, type PlanItem, removals } from "../model/change.ts";
import { allowance } from "./budget.ts";
import { type GuardContext, type Guarded, guard } from "./guard.ts";

const minute = 60_000;
const now = Date.parse("2026-01-01T12:00:00Z");
const every = [...operations];

function guarded(items: readonly PlanItem[], context: Partial<GuardContext> = {}): Guarded {
  return outcomeOf(
    guard(items, {
      model: modelOf({ allow: every }),
      now,
      linked: 100,
      spent: () => 0,
      shown: undefined,
      planOnly: false,
      approved: new Set(),
      ...context,
    }),
  );
}

const disable = planned({ operation: "Disable", identity: "ann", anchor: "#1" });
const unsettled = (ago: number) =>
  planned({ operation: "Disable", identity: "ann", anchor: "#1", unsettledSince: now - ago });
const proposed = planned({ operation: "Adopt", identity: "ann", anchor: "#1", wave: 0, proposed: true });
const create = planned({ operation: "Create", identity: "ann" });
const waiting = planned({
  operation: "Create",
  identity: "ann",
  attributes: [{ name: "mail", before: [], after: [], pending: "account('x').name" }],
});

const task = (phase: "Open" | "Rejected") =>
  taskWith("people-1", { phase, answered: { by: "maria", at: now, reason: "she stays" } });

describe("one item", () => {
  test.each<{ item: PlanItem; context?: Partial<GuardContext>; kind: string | undefined; why: string }>([
    { item: disable, kind: undefined, why: "nothing speaks against it" },
    { item: disable, context: { model: modelOf({ mode: "Observe" }) }, kind: "Observe", why: "it observes" },
    { item: disable, context: { model: modelOf({ allow: ["Create"] }) }, kind: "NotAllowed", why: "allow" },
    {
      item: disable,
      context: { model: modelOf({}, { protected: ["#1"] }) },
      kind: "Protected",
      why: "its anchor is protected",
    },
    { item: disable, context: { shown: new Set<string>() }, kind: "NotShown", why: "nobody saw it" },
    { item: disable, context: { shown: new Set([disable.hash]) }, kind: undefined, why: "it was seen" },
    { item: unsettled(29_000), kind: "Settling", why: "its cause is 29 s old" },
    { item: unsettled(30_000), kind: undefined, why: "its cause is 30 s old" },
    { item: unsettled(-60 * minute), kind: "Settling", why: "the clock went back since" },
    {
      item: unsettled(0),
      context: { shown: new Set([unsettled(0).hash]) },
      kind: undefined,
      why: "a plan that was seen stands in for settling",
    },
    {
      item: planned({ operation: "Create", identity: "ann", unsettledSince: now }),
      kind: undefined,
      why: "only removals settle",
    },
    { item: proposed, kind: "Proposed", why: "nobody saw the proposal" },
    { item: proposed, context: { shown: new Set([proposed.hash]) }, kind: undefined, why: "it was seen" },
    {
      item: proposed,
      context: { model: modelOf({ mode: "Observe" }), shown: new Set([proposed.hash]) },
      kind: undefined,
      why: "adopting writes nothing to the store",
    },
    { item: waiting, kind: "Blocked", why: "another store has not assigned its value" },
    { item: waiting, context: { planOnly: true }, kind: undefined, why: "a plan shows the expression" },
    {
      item: unsettled(0),
      context: { covering: () => task("Open"), linked: 0, spent: () => 5, shown: new Set() },
      kind: "Task",
      why: "people were asked for it already, whatever has been spent, shown or edited since",
    },
    {
      item: disable,
      context: { covering: () => task("Rejected") },
      kind: "Rejected",
      why: "they will not do it",
    },
    {
      item: disable,
      context: { covering: () => undefined },
      kind: undefined,
      why: "nobody was asked for it yet",
    },
    {
      item: disable,
      context: { covering: () => task("Open"), model: modelOf({ mode: "Observe" }) },
      kind: "Observe",
      why: "what a target may do comes before who does it",
    },
    {
      item: disable,
      context: { linked: 0, spent: () => 5 },
      kind: "Budget",
      why: "the window's removals are used up",
    },
    {
      item: disable,
      context: { linked: 0, spent: () => 5, shown: new Set([disable.hash]) },
      kind: "Budget",
      why: "having been seen never stands in for a budget",
    },
    {
      item: disable,
      context: { linked: 0, spent: () => 5, approved: new Set([disable.hash]) },
      kind: undefined,
      why: "it was approved",
    },
  ])("$item.operation is $kind: $why", ({ item, context, kind }) => {
    const { items, withheld } = guarded([item], context);
    expect(withheld.map((each) => each.kind)).toEqual(kind === undefined ? [] : [kind]);
    expect(items).toEqual(kind === undefined ? [item] : []);
  });
});

describe("what stands on something withheld waits with it", () => {
  const model = modelOf({ allow: every }, { protected: [create.name] });

  test("its memberships, and who names it, and so on", () => {
    const report = planned({ operation: "Create", identity: "bob", after: ["ann"], wave: 11 });
    const theirs = planned({ operation: "Create", identity: "cid", after: ["bob"], wave: 12 });
    const update = planned({ operation: "Update", identity: "dee", anchor: "#4", after: ["cid"], wave: 13 });
    const grant = plannedMembership({ operation: "Grant", identity: "cid" });
    const free = planned({ operation: "Create", identity: "eve" });
    const { items, withheld } = guarded([grant, update, theirs, report, create, free], { model });
    expect(items).toEqual([free]);
    expect(new Map(withheld.map(({ item, kind }) => [item, kind]))).toEqual(
      new Map([
        [create, "Protected"],
        [report, "Blocked"],
        [theirs, "Blocked"],
        [update, "Blocked"],
        [grant, "Blocked"],
      ]),
    );
  });
});

test("people make what stands on an account together with it; on one that they will not make stands nothing", () => {
  const grant = plannedMembership({ operation: "Grant", identity: "ann" });
  const asked = (phase: "Open" | "Rejected") =>
    guarded([create, grant], { covering: (item) => (item === create ? task(phase) : undefined) });
  expect(asked("Open").items).toEqual([grant]);
  expect(asked("Rejected").withheld.map(({ kind }) => kind)).toEqual(["Rejected", "Blocked"]);
});

describe("budgets", () => {
  const operation = fc.constantFrom(...every);
  const plan = fc
    .array(fc.record({ identity: fc.constantFrom(..."abcdefghij"), operation, group: fc.nat(3) }), {
      maxLength: 30,
    })
    .map((list) =>
      list.map(({ identity, operation, group }) =>
        operation === "Grant" || operation === "Revoke"
          ? plannedMembership({ operation, identity, anchor: identity, entitlementAnchor: `g${group}` })
          : planned({ operation, identity, anchor: identity, wave: group }),
      ),
    );
  const limit = fc
    .tuple(fc.integer({ min: 0, max: 100 }), fc.nat(6), fc.nat(4))
    .map(([percent, atLeast, more]) => ({ percent, atLeast, atMost: atLeast + more }));

  test("never let more accounts through than are left, and hold a class whole", () => {
    fc.assert(
      fc.property(plan, limit, limit, fc.nat(8), fc.nat(20), (items, removing, updating, spent, linked) => {
        const limits = { removals: { ...removing, per: "24h" }, updates: { ...updating, per: "1h" } };
        const model = modelOf({ allow: every, limits });
        const out = guarded(items, { model, spent: () => spent, linked });
        const touched = (isIn: (item: PlanItem) => boolean) =>
          new Set(out.items.filter(isIn).map((item) => item.identity)).size;
        const isRemoval = (item: PlanItem) => (removals as ReadonlySet<string>).has(item.operation);
        const removed = touched(isRemoval);
        if (removed > 0) expect(removed).toBeLessThanOrEqual(allowance(limits.removals, linked) - spent);
        const updated = touched((item) => !isRemoval(item) && item.operation !== "Create");
        if (updated > 0) expect(updated).toBeLessThanOrEqual(allowance(limits.updates, linked) - spent);
        expect(out.items.length + out.withheld.length).toBe(items.length);
        for (const hold of out.holds) for (const item of hold.items) expect(out.items).not.toContain(item);
      }),
    );
  });

  test("hold by a hash over what is held, in whatever order it was found", () => {
    const some = ["a", "b", "c"].map((identity) =>
      planned({ operation: "Disable", identity, anchor: identity }),
    );
    const context = { linked: 0, spent: () => 5 };
    const [hold] = guarded(some, context).holds;
    expect(guarded(some.toReversed(), context).holds[0]?.hash).toBe(hold?.hash);
    expect(guarded(some.slice(1), context).holds[0]?.hash).not.toBe(hold?.hash);
    expect(hold?.items).toEqual(some);
  });

  test.each([
    [["a"], "would touch 1 account, after 5 in the last 24 h; the limit is 5"],
    [["a", "b"], "would touch 2 accounts, after 5 in the last 24 h; the limit is 5"],
  ])("say what was wanted, what was spent, and what is allowed: %s", (identities, reason) => {
    const items = identities.map((identity) => planned({ operation: "Disable", identity, anchor: identity }));
    expect(guarded(items, { linked: 0, spent: () => 5 }).holds[0]?.reason).toContain(reason);
  });

  test("count each account once a class, and approved items not at all", () => {
    const items = [
      planned({ operation: "Disable", identity: "a", anchor: "a" }),
      plannedMembership({ operation: "Revoke", identity: "a", anchor: "a", entitlementAnchor: "g1" }),
      plannedMembership({ operation: "Revoke", identity: "a", anchor: "a", entitlementAnchor: "g2" }),
      planned({ operation: "Disable", identity: "b", anchor: "b" }),
    ];
    const approved = new Set([items[3]!.hash]);
    expect([...guarded(items, { approved }).counts]).toEqual([[items[0]?.hash, "Removals"]]);
  });

  test("have one of their own for emergencies, an hour long", () => {
    const emergencies = Array.from({ length: 11 }, (_, number) =>
      planned({ operation: "Disable", identity: `p${number}`, anchor: `${number}`, emergency: true }),
    );
    const limits = { removals: { percent: 0, atLeast: 0, atMost: 0 } };
    const model = modelOf({ limits });
    expect(guarded(emergencies.slice(1), { model }).items).toHaveLength(10);
    expect(guarded(emergencies, { model })).toMatchObject({ items: [], holds: [{ budget: "Emergency" }] });
  });
});
