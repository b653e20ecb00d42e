import { describe, expect, test } from "vitest";
import type { PolicyStatus, TargetObjectStatus } from "../../core/kinds/status.ts";
import { longestMessage } from "../../core/kinds/status.ts";
import { cut, sameStatus, statusOf } from "./conditions.ts";
import { type Reason, reasons } from "./reasons.ts";

const noon = Date.parse("2026-03-01T12:00:00.750Z");
const later = noon + 90_000;

function policy(reason: Reason, message = "", previous?: PolicyStatus, now = noon): PolicyStatus {
  return statusOf({ reason, message }, { generation: 3, previous, now });
}

const types = (status: PolicyStatus) => status.conditions?.map(({ type, status: is }) => `${type}=${is}`);

describe("a status", () => {
  test.each<{ reason: Reason; conditions: string[]; why: string }>([
    { reason: "Converged", conditions: ["Ready=True"], why: "nothing else is ever said of what is well" },
    { reason: "Held", conditions: ["Ready=False"], why: "a manifest that is still to come may be the cure" },
    { reason: "Progressing", conditions: ["Ready=False", "Reconciling=True"], why: "it is being done" },
    { reason: "StoreUnavailable", conditions: ["Ready=False", "Reconciling=True"], why: "it is tried again" },
    { reason: "HoldWaiting", conditions: ["Ready=False", "Stalled=True"], why: "somebody has to approve" },
    { reason: "Invalid", conditions: ["Ready=False", "Stalled=True"], why: "somebody has to write it anew" },
    { reason: "Suspended", conditions: ["Ready=False"], why: "that is what was asked for" },
  ])("for $reason has $conditions: $why", ({ reason, conditions }) => {
    expect(types(policy(reason))).toEqual(conditions);
  });

  test("is never both worked on and stalled, and never ready with either", () => {
    for (const reason of Object.keys(reasons) as Reason[]) {
      const said = types(policy(reason)) ?? [];
      expect(said.filter((each) => !each.startsWith("Ready")).length).toBeLessThanOrEqual(1);
      if (said.includes("Ready=True")) expect(said).toHaveLength(1);
    }
  });

  test("keeps when a condition came to be for as long as it is so, whatever its reason", () => {
    const first = policy("StoreUnavailable");
    const second = policy("HoldWaiting", "", first, later);
    const third = policy("Converged", "", second, later);
    const times = [first, second, third].map((status) => status.conditions?.[0]?.lastTransitionTime);
    expect(times).toEqual(["2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T12:01:30Z"]);
  });

  test("says with which generation it was found, in each condition too", () => {
    const { observedGeneration, conditions } = policy("Conflict");
    expect([observedGeneration, ...conditions!.map((each) => each.observedGeneration)]).toEqual([3, 3, 3]);
  });

  test("has messages that fit, on one line, with nothing in them that steers a terminal", () => {
    const message = policy("Conflict", `\u001b[31m${"ü".repeat(5_000)}`).conditions![0]!.message;
    expect(message).toHaveLength(longestMessage);
    expect(message).toMatch(/^\\u001b\[31mü+…$/);
    expect(cut("short", 512)).toBe("short");
  });
});

describe("two statuses are the same", () => {
  const ready = (at: string, message = "well") =>
    ({
      type: "Ready",
      status: "True",
      reason: "Converged",
      message,
      lastTransitionTime: at,
    }) as const;
  const foreign = { ...ready("2026-01-01T00:00:00Z"), type: "Audited" } as const;
  const one: TargetObjectStatus = {
    observedGeneration: 3,
    lastSuccess: "2026-03-01T12:00:00Z",
    conditions: [ready("2026-03-01T12:00:00Z")],
  };

  test.each<{ why: string; other: TargetObjectStatus; same: boolean }>([
    { why: "times only moved on", other: { ...one, lastSuccess: "2026-03-01T13:00:00Z" }, same: true },
    {
      why: "others added conditions of theirs",
      other: { ...one, conditions: [foreign, ...one.conditions!] },
      same: true,
    },
    { why: "the message changed", other: { ...one, conditions: [ready("", "better")] }, same: false },
    { why: "it was found with a newer generation", other: { ...one, observedGeneration: 4 }, same: false },
    { why: "there is something to approve", other: { ...one, holds: [] }, same: false },
    { why: "a pass was asked for", other: { ...one, lastHandledRequestedAt: "now" }, same: false },
  ])("or not, where $why: $same", ({ other, same }) => {
    expect(sameStatus(one, other)).toBe(same);
    expect(sameStatus(other, one)).toBe(same);
  });

  test("whatever the order of their lists, which are maps", () => {
    const [a, b] = ["a", "b"].map((target) => ({ target, state: "Enabled" as const }));
    expect(sameStatus({ accounts: [a!, b!] }, { accounts: [b!, a!] })).toBe(true);
  });
});
