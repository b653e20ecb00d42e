import type { Call } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { IdentityAccess } from "../core/access/access.ts";
import type { DesiredAccount } from "../core/desired/desired.ts";
import { entitlementKey } from "../core/model/account.ts";
import type { Holding } from "../core/model/link.ts";
import type { EntitlementExplanation } from "../report/explanation.ts";
import type { TargetReport } from "./run.ts";
import type { TargetLane } from "./target-lane.ts";

/** What the store knows the wanted entitlements by, by their keys; empty where it cannot be asked now. */
async function anchorsOf(
  { connector }: TargetLane,
  desired: DesiredAccount,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  if (desired.presence !== "Present" || desired.entitlements.size === 0) return new Map();
  const refs = [...desired.entitlements.values()].map(({ ref }) => ref);
  try {
    const records = await connector.entitlements(refs, call);
    return new Map(
      refs.flatMap((ref, at) => (records[at] ? [[entitlementKey(ref), records[at].anchor]] : [])),
    );
  } catch (error) {
    if (error instanceof StoreError) return new Map();
    throw error;
  }
}

export interface EntitlementFacts {
  readonly desired: DesiredAccount;
  readonly access: IdentityAccess;
  readonly holdings: readonly Holding[];
  readonly report: TargetReport;
  readonly id: string;
}

/** What somebody has and ought to have in one target, each with its reasons. */
export async function explainEntitlements(
  lane: TargetLane,
  { desired, access, holdings, report, id }: EntitlementFacts,
  call: Call,
): Promise<readonly EntitlementExplanation[]> {
  const anchors = await anchorsOf(lane, desired, call);
  const items = [...report.guarded.items, ...report.guarded.withheld.map(({ item }) => item)].filter(
    (item) => item.kind === "membership" && item.identity === id,
  );
  const given = new Set(
    items.flatMap((item) =>
      item.kind === "membership" && item.operation === "Grant" ? [entitlementKey(item.entitlement)] : [],
    ),
  );
  const wanted = desired.presence === "Present" ? [...desired.entitlements] : [];
  const kept = new Set<Holding>();
  const should = wanted.map(([name, { ref, reasons }]): EntitlementExplanation => {
    const anchor = anchors.get(name);
    const holding = holdings.find((each) => each.entitlement === anchor || each.name === ref.name);
    if (holding) kept.add(holding);
    return { name, reasons, state: given.has(name) || !holding ? "NotYet" : holding.origin };
  });
  const unknown = access.unknown.entitlements.get(lane.model.name) ?? new Map<string, string>();
  const others = holdings
    .filter((holding) => !kept.has(holding))
    .map((holding): EntitlementExplanation => {
      const because = unknown.get(holding.name) ?? access.unknown.all[0];
      const { name, reasons } = holding;
      if (because !== undefined) return { name, reasons, state: "Held", because };
      if (holding.origin === "Preexisting") return { name, reasons, state: "Preexisting" };
      return { name, reasons, state: "Ending" };
    });
  return [...should, ...others];
}
