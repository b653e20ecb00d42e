import { StoreError } from "../connectors/errors.ts";
import type { IdentityAccess } from "../core/access/access.ts";
import type { PlanItem } from "../core/model/change.ts";
import type { Finding } from "../core/plan/case.ts";
import type { Guarded } from "../core/plan/guard.ts";
import { planHash } from "../core/plan/item.ts";
import { type Plan, planTarget } from "../core/plan/plan.ts";
import type { Hold } from "../state/state.ts";
import { type Applied, applyPlan } from "./apply.ts";
import { inSlices } from "./breathe.ts";
import { checkFindings, checkStore } from "./check-store.ts";
import type { Desires } from "./desires.ts";
import { gather } from "./gather.ts";
import { type GuardedPlan, guardPlan, holdsAfter } from "./guard-plan.ts";
import { Ledger } from "./ledger.ts";
import { type Look, look } from "./look.ts";
import { callFor, type Parts } from "./parts.ts";
import { changedPasswords } from "./read-passwords.ts";
import { recover } from "./recover.ts";
import type { RunOptions } from "./run-options.ts";
import { suspectsOf } from "./suspects.ts";
import type { TargetLane } from "./target-lane.ts";

/** What one run of a target found and did. */
export interface TargetReport {
  readonly target: string;
  readonly store: string;
  readonly hash: string;
  readonly guarded: Guarded;
  readonly findings: readonly Finding[];
  /** The identities that were asked about: what is said of them here is all there is to say. */
  readonly examined: ReadonlySet<string>;
  readonly holds: readonly Hold[];
  readonly applied: Applied | undefined;
  readonly linked: number;
  /** Accounts in the store that no identity explains, by anchor. */
  readonly orphans: ReadonlyMap<string, string>;
  /** Why the target could not be read or written; nothing was concluded from what was missing. */
  readonly error: StoreError | undefined;
}

/** One run of one target: look, gather, plan, guard, apply, remember. A pass, a manifest edit, a timer and a person all run this. */
export async function runTarget(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  options: RunOptions,
): Promise<TargetReport> {
  try {
    if (!options.planOnly) await recover(parts, lane);
    if (options.pass) await checkStore(parts, lane, options);
    const seen = await look(parts, lane, options);
    const { plan, examined } = await planAfter(parts, lane, desires, seen, options);
    const { guarded, holds, approvals } = await guardPlan(parts, lane, plan, options);
    const applied = options.planOnly
      ? undefined
      : await carryOut(parts, lane, desires, { plan, guarded, holds, approvals, seen });
    lane.open = openAfter(plan, guarded, applied);
    // What was seen and not dealt with must be seen again: only then may an unchanged marker spare the next scan.
    const settled = seen.touched.every(
      ({ anchor, version }) => lane.entitlements.get(anchor)?.version === version,
    );
    // What was changed since the scan may be changed back by others, to the very content that it saw; and a link that was made or dropped
    // by the state alone makes other accounts orphans, which the store's marker does not tell.
    const changed = applied !== undefined && applied.done.length + applied.failed.length > 0;
    lane.marker = options.planOnly || !settled || changed ? undefined : seen.marker;
    return reportOf(lane, { plan, examined, guarded, holds, applied, error: undefined });
  } catch (error) {
    // What was marked has been taken and not been dealt with.
    lane.everything = true;
    lane.marker = undefined;
    if (!(error instanceof StoreError)) throw error;
    return reportOf(lane, { ...nothingDone, error });
  }
}

/** A function of its own, so that nothing of what a plan is made from outlives it: that is several times as much. */
async function planAfter(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  seen: Look,
  options: RunOptions,
): Promise<{ readonly plan: Plan; readonly examined: ReadonlySet<string> }> {
  const { model, connector, index } = lane;
  const marked =
    seen.fresh || lane.everything
      ? seen.suspects.union(await changedPasswords(lane, desires))
      : seen.suspects;
  const { suspects, examined } = await suspectsOf(parts, lane, desires, marked);
  const gathered = await gather(parts, lane, suspects, seen, callFor(parts, 300_000));
  const access = new Map<string, IdentityAccess>();
  for (const suspect of suspects) if (suspect.access) access.set(suspect.identity, suspect.access);
  const context = {
    model,
    now: parts.clock.now(),
    digestKey: parts.state.digestKey,
    policyChangedAt: desires.snapshot.policyChangedAt,
    can: connector.capabilities,
    rebuild: options.rebuild === true,
  };
  const plan = await inSlices(
    planTarget(context, {
      ...gathered,
      access,
      ownerOf: (name) => index.ownerOf(name),
      ownerOfProof: (proof) => index.ownerOfProof(proof),
      isLinked: (identity) => index.of(identity) !== undefined,
      memberKey: (account) => connector.memberKey(account),
    }),
  );
  return { plan, examined };
}

interface CarryOut extends GuardedPlan {
  readonly plan: Plan;
  readonly seen: Look;
}

async function carryOut(parts: Parts, lane: TargetLane, desires: Desires, work: CarryOut): Promise<Applied> {
  const { plan, guarded, holds, approvals, seen } = work;
  const { state } = parts;
  const before = await state.holds(lane.model.name);
  if (holds.length > 0 || before.length > 0) await state.putHolds(lane.model.name, holds);
  const ledger = new Ledger(lane, plan);
  await inSlices(ledger.expect(guarded));
  const all = ledger.settle(seen.touched);
  // A target that only observes says what it sees, and leaves the ledger as it is.
  const settled = lane.model.spec.mode === "Observe" ? { ...all, holdings: [], dropHoldings: [] } : all;
  if (Object.values(settled).some((list) => list.length > 0)) {
    await state.finish(settled);
    ledger.commit(settled, parts.clock.now());
  }
  const { revision } = desires.snapshot;
  const approvedBy = (item: string) => approvals.get(item);
  const applied = await applyPlan(parts, { lane, guarded, ledger, revision, approvedBy });
  const used = new Set(applied.done.map((item) => item.hash));
  if (used.size > 0 && holds.some((hold) => hold.approved))
    await state.putHolds(lane.model.name, holdsAfter(holds, used));
  return applied;
}

/** The identities that the next run must look at again, whatever a scan sees. */
function openAfter(plan: Plan, guarded: Guarded, applied: Applied | undefined): Set<string> {
  const open = new Set(plan.findings.flatMap((finding) => finding.identity ?? []));
  const undone: readonly PlanItem[] = applied
    ? [
        ...applied.left,
        ...applied.failed.map(({ item }) => item),
        ...guarded.withheld.map(({ item }) => item),
      ]
    : plan.items;
  for (const item of undone) if (item.identity !== "") open.add(item.identity);
  return open;
}

interface Run {
  readonly plan: Plan | undefined;
  readonly examined: ReadonlySet<string>;
  readonly guarded: Guarded | undefined;
  readonly holds: readonly Hold[];
  readonly applied: Applied | undefined;
  readonly error: StoreError | undefined;
}

/** What a run has to tell that did nothing. */
export const nothingDone = {
  plan: undefined,
  examined: new Set<string>(),
  guarded: undefined,
  holds: [],
  applied: undefined,
};

export function reportOf(lane: TargetLane, run: Run): TargetReport {
  const guarded = run.guarded ?? { items: [], withheld: [], holds: [], counts: new Map() };
  return {
    target: lane.model.name,
    store: lane.model.store,
    get hash() {
      return planHash(guarded.items);
    },
    guarded,
    findings: run.plan ? [...run.plan.findings, ...checkFindings(lane)] : [],
    examined: run.examined,
    holds: run.holds,
    applied: run.applied,
    linked: lane.index.size,
    orphans: lane.observation?.unlinked ?? new Map(),
    error: run.error,
  };
}
