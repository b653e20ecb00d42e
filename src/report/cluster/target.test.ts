import { describe, expect, test } from "vitest";
import { item, report, withheld } from "../../../test/support/reports.ts";
import type { RunReport } from "../run-report.ts";
import { runNotes, transitionNote } from "./notes.ts";
import { approvalStatus, policyStatus, storeStatus } from "./others.ts";
import { runFacts } from "./run-facts.ts";
import { type TargetInput, targetStatus } from "./target.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const observed = { generation: 1, previous: undefined, now };
const hold: RunReport["holds"][number] = {
  ...{ hash: "3f2a".repeat(16), budget: "Removals", reason: "the limit is 5", expires: now },
  items: Array.from({ length: 30 }, (_, index) => ({
    hash: `${index}`,
    operation: "Disable",
    name: `uid=person-${index}`,
  })),
};

function status(run: Partial<RunReport> | undefined, input: Partial<TargetInput> = {}) {
  return targetStatus({
    ...{ ...observed, name: "people", fault: undefined, quarantine: undefined, handled: undefined },
    ...{ run: run && runFacts({ ...report({}), ...run }), accounts: { linked: 7, disabled: 1, troubled: 2 } },
    ...input,
  });
}

const conditions = (made: { conditions?: { type: string; status: string; reason: string }[] | undefined }) =>
  made.conditions?.map(({ type, status: is, reason }) => `${type}=${is}:${reason}`);
const readyText = ({ conditions: all = [] }: ReturnType<typeof status>) => all[0]?.message;
const applied = (parts: Partial<NonNullable<RunReport["applied"]>>) => ({
  applied: { done: [], failed: [], left: [], ...parts },
});
const error = (kind: string) => ({ error: { kind, message: "cannot bind" } });
const failure = { item: item({ operation: "Update" }), error: "no such attribute", kind: "Invalid" };

describe("a target", () => {
  test.each<{ case: string; run: Partial<RunReport>; input?: Partial<TargetInput>; says: string[] }>([
    { case: "all is as declared", run: applied({}), says: ["Ready=True:Converged", "Drifted=False:InSync"] },
    {
      case: "a change failed",
      run: applied({ failed: [failure] }),
      says: ["Ready=False:ChangesFailed", "Reconciling=True:ChangesFailed", "Drifted=True:Differs"],
    },
    {
      case: "a limit holds changes",
      run: { ...applied({}), holds: [hold] },
      says: ["Ready=False:HoldWaiting", "Stalled=True:HoldWaiting", "Drifted=False:InSync"],
    },
    {
      case: "a hold was approved",
      run: { ...applied({}), holds: [{ ...hold, approved: { by: "ann", at: now } }] },
      says: ["Ready=True:Converged", "Drifted=False:InSync"],
    },
    {
      case: "single accounts wait",
      run: { ...applied({}), findings: [{ kind: "Conflict", target: "people", message: "twice" }] },
      says: ["Ready=True:SomeHeld", "Drifted=False:InSync"],
    },
    {
      case: "it only observes",
      run: {
        ...applied({}),
        guarded: { ...report({ withheld: [withheld("Observe", item({ operation: "Update" }))] }).guarded },
      },
      says: ["Ready=True:Observed", "Drifted=True:Differs"],
    },
    {
      case: "most changes fail",
      run: applied({ failed: [failure] }),
      input: { quarantine: 2 },
      says: ["Ready=False:Quarantined", "Stalled=True:Quarantined", "Drifted=True:Differs"],
    },
    {
      case: "the store is away",
      run: error("Unavailable"),
      says: ["Ready=False:StoreUnavailable", "Reconciling=True:StoreUnavailable"],
    },
    {
      case: "the store refuses us",
      run: error("Unauthenticated"),
      says: ["Ready=False:StoreUnauthenticated", "Stalled=True:StoreUnauthenticated"],
    },
    {
      case: "another store answers",
      run: error("Conflict"),
      says: ["Ready=False:StoreForeign", "Stalled=True:StoreForeign"],
    },
    {
      case: "it asks for what the store has not",
      run: error("Invalid"),
      says: ["Ready=False:DoesNotFit", "Stalled=True:DoesNotFit"],
    },
  ])("says, where $case, $says", ({ run, input = {}, says }) => {
    expect(conditions(status(run, input))).toEqual(says);
  });

  test("that is held says what to do, and shows the first of the changes, and how many there are", () => {
    const made = status({ ...applied({}), holds: [hold] });
    expect(readyText(made)).toBe(
      "30 changes held: the limit is 5; kubectl rollcall approve 3f2a3f2a3f2a lets exactly these pass",
    );
    expect(made.holds).toMatchObject([{ hash: hold.hash, items: 30, budget: "Removals" }]);
    expect(made.holds?.[0]?.changes).toHaveLength(20);
  });

  test("that fits its store badly says so, and is ready all the same", () => {
    const finding = { kind: "Store", target: "people", message: "restore the controller" } as const;
    const made = status({ ...applied({}), findings: [finding] });
    expect(conditions(made)).toEqual(["Ready=True:Converged", "Drifted=False:InSync"]);
    expect(readyText(made)).toMatch(/ as declared; of the store: restore the controller$/);
  });

  test("keeps what was known of it while its store is away", () => {
    const before = status({ ...applied({}), holds: [hold] });
    const made = status(error("Unavailable"), {
      previous: before,
      accounts: { linked: 0, disabled: 0, troubled: 0 },
    });
    const { counts, holds, lastSuccess } = before;
    expect(made).toMatchObject({ counts, holds, lastSuccess });
    expect(conditions(made)).toContain("Drifted=False:InSync");
  });

  test("tells of its last success only with a run in which nothing failed", () => {
    const before = status(applied({}));
    expect(before.lastSuccess).toBe("2026-03-01T12:00:00Z");
    const failed = status(applied({ failed: [failure] }), { previous: before, now: now + 60_000 });
    expect(failed.lastSuccess).toBe(before.lastSuccess);
  });

  test("answers a pass that was asked for, and goes on answering it", () => {
    const before = status(applied({}), { handled: "monday" });
    expect(status(applied({}), { previous: before }).lastHandledRequestedAt).toBe("monday");
  });
});

describe("a store", () => {
  const store = (input: Partial<Parameters<typeof storeStatus>[0]> = {}) =>
    storeStatus({
      ...{ ...observed, fault: undefined, connector: "ldap", used: true, contacted: true },
      ...{ error: undefined, server: "OpenLDAP", capabilities: ["update", "create"], ...input },
    });

  test.each([
    { why: "it answers", input: {}, says: ["Ready=True:Reachable"] },
    { why: "nobody uses it", input: { used: false }, says: ["Ready=True:NotUsed"] },
    {
      why: "nobody has asked it yet",
      input: { contacted: false },
      says: ["Ready=False:Progressing", "Reconciling=True:Progressing"],
    },
    {
      why: "it is away",
      input: error("Unavailable"),
      says: ["Ready=False:StoreUnavailable", "Reconciling=True:StoreUnavailable"],
    },
    { why: "a target does not fit it", input: error("Invalid"), says: ["Ready=True:Reachable"] },
  ])("says that $why", ({ input, says }) => {
    expect(conditions(store(input))).toEqual(says);
  });

  test("keeps who answered while nobody does", () => {
    const made = store({ ...error("Unavailable"), previous: store(), server: undefined, capabilities: [] });
    expect(made).toMatchObject({ connector: "ldap", server: "OpenLDAP", capabilities: ["create", "update"] });
  });
});

test("a policy is accepted, or says what it names in vain", () => {
  const policy = (missing: string[], span = {}) =>
    policyStatus({ ...observed, fault: undefined, missing, span });
  expect(conditions(policy([]))).toEqual(["Ready=True:Accepted"]);
  expect(policy(["Target/wiki"]).conditions).toMatchObject([
    { reason: "ReferenceMissing", message: expect.stringContaining("names Target/wiki") },
  ]);
  expect(policy([], { from: "2026-01-01", until: "2026-03-31" }).conditions).toMatchObject([
    { reason: "Accepted", message: "valid from 2026-01-01 until 2026-03-31" },
  ]);
});

test.each(["Approved", "HoldGone"] as const)("an approval says that it is %s", (outcome) => {
  const made = approvalStatus({ ...observed, fault: undefined, outcome, target: "people" });
  expect(made.conditions).toMatchObject([
    { reason: outcome, status: outcome === "Approved" ? "True" : "False" },
  ]);
});

describe("an Event", () => {
  const well = status(applied({}));
  const held = status({ ...applied({}), holds: [hold] });
  const away = status(error("Unavailable"));

  test.each([
    {
      why: "something that was well is not",
      before: well,
      after: held,
      type: "Warning",
      reason: "HoldWaiting",
    },
    { why: "it is well again", before: held, after: well, type: "Normal", reason: "Converged" },
    {
      why: "it is not well for another reason",
      before: held,
      after: away,
      type: "Warning",
      reason: "StoreUnavailable",
    },
    {
      why: "something new is not well",
      before: undefined,
      after: held,
      type: "Warning",
      reason: "HoldWaiting",
    },
  ])("tells that $why", ({ before, after, type, reason }) => {
    expect(transitionNote(before, after)).toMatchObject({ type, reason });
  });

  test.each([
    { why: "something new is well", before: undefined, after: well },
    { why: "something new has not been looked at", before: undefined, after: status(undefined) },
    { why: "all is as it was", before: held, after: held },
    {
      why: "it is well for another reason",
      before: well,
      after: status({ ...applied({}), ...{ findings: [] } }),
    },
  ])("is none where $why", ({ before, after }) => {
    expect(transitionNote(before, after)).toBeUndefined();
  });

  test("sums up a run, however much it did", () => {
    const done = [item({ operation: "Create" }), item({ operation: "Create", identity: "bob" })];
    const facts = runFacts({ ...report({}), ...applied({ done, failed: [failure] }) });
    expect(runNotes(facts)).toEqual([
      { type: "Normal", reason: "Applied", note: "2 creates" },
      {
        type: "Warning",
        reason: "ChangesFailed",
        note: "1 change failed or could not be tried; the first: Update uid=ada: no such attribute",
      },
    ]);
    expect(runNotes(runFacts({ ...report({}), ...applied({}) }))).toEqual([]);
  });

  test("says what people were asked for", () => {
    const handed = [item({ operation: "Create" })];
    expect(runNotes(runFacts({ ...report({}), ...applied({ handed }) }))).toEqual([
      { type: "Normal", reason: "Asked", note: "1 create asked of people: kubectl get ptask" },
    ]);
  });
});
