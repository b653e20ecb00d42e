import type { AccountItem, MembershipItem, PlanItem } from "../../src/core/model/change.ts";
import { sha256 } from "../../src/core/model/hash.ts";
import type { AttributeDelta } from "../../src/core/model/values.ts";
import type { Finding } from "../../src/core/plan/case.ts";
import type { Withheld, WithheldKind } from "../../src/core/plan/withheld.ts";
import type { RunReport } from "../../src/report/run-report.ts";

/** What a run found, for tests of what is made of it. */
export function report(parts: {
  readonly items?: readonly PlanItem[];
  readonly withheld?: readonly Withheld[];
  readonly findings?: readonly Finding[];
  readonly holds?: RunReport["holds"];
  readonly linked?: number;
  readonly orphans?: ReadonlyMap<string, string>;
  readonly error?: RunReport["error"];
}): RunReport {
  const {
    items = [],
    withheld = [],
    findings = [],
    holds = [],
    linked = 10,
    orphans = new Map(),
    error,
  } = parts;
  return {
    ...{ target: "people", store: "directory", hash: "hash-of-people" },
    guarded: { items, withheld, holds: [], counts: new Map() },
    ...{ findings, holds, applied: undefined, linked, orphans, error },
  };
}

export function withheld(kind: WithheldKind, item: PlanItem, reason = "for a reason"): Withheld {
  return { item, kind, reason };
}

export function item(parts: Partial<AccountItem> & Pick<AccountItem, "operation">): PlanItem {
  const { identity = "ada" } = parts;
  return {
    kind: "account",
    hash: sha256(JSON.stringify(parts)),
    ...{ target: "people", identity, name: `uid=${identity}`, wave: 1, reversible: true },
    ...{
      anchor: `#${identity}`,
      attributes: [],
      reasons: [[{ source: "BusinessRole", name: "research", detail: "members.when" }]],
    },
    ...parts,
  };
}

export function membership(parts: Partial<MembershipItem> & Pick<MembershipItem, "operation">): PlanItem {
  const { identity = "ada" } = parts;
  return {
    kind: "membership",
    hash: sha256(JSON.stringify(parts)),
    ...{ target: "people", identity, name: `uid=${identity}`, wave: 1, reversible: true },
    ...{ entitlement: { name: "lab", by: "Name" }, entitlementName: "lab", reasons: [] },
    ...parts,
  };
}

export function attributes(
  name: string,
  before: readonly string[],
  after: readonly string[],
): AttributeDelta {
  return { name, before, after };
}
