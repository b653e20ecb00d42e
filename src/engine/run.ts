import { StoreError } from "../connectors/errors.ts";
import type { PlanItem } from "../core/model/change.ts";
import { type Budget, windowOf } from "../core/plan/budget.ts";
import type { Finding } from "../core/plan/case.ts";
import { type BudgetClass, type Guarded, guard, type Shown } from "../core/plan/guard.ts";
import { planHash } from "../core/plan/item.ts";
import { type Plan, planTarget } from "../core/plan/plan.ts";
import { tryOne } from "../core/plan/quarantine.ts";
import type { Hold } from "../state/state.ts";
import { type Applied, applyPlan } from "./apply.ts";
import { inSlices } from "./breathe.ts";
import type { Desires } from "./desires.ts";
import { type Gathered, gather } from "./gather.ts";
import { Ledger } from "./ledger.ts";
import { type Look, look } from "./look.ts";
import { callFor, type Parts } from "./parts.ts";
import { recover } from "./recover.ts";
import { suspectsOf } from "./suspects.ts";
import type { TargetLane } from "./target-lane.ts";

export interface RunOptions {
  /** Stop before apply: a plan is a lane that stops there. */
  readonly planOnly: boolean;
  /** Items that a person was shown; only these are applied, where given. */
  readonly shown: Shown | undefined;
  /** Compare every account, not only those whose version changed. */
  readonly full: boolean;
  /** Scan the store first; false: only what is already known to be dirty. */
  readonly pass: boolean;
  /** The target is in quarantine: one change is tried, this one of those that could be. */
  readonly trial?: number;
  /** The state was lost: accounts are linked anew by name, too. */
  readonly rebuild?: boolean;
}

/** What one run of a target found and did. */
export interface TargetReport {
  readonly target: string;
  readonly store: string;
  readonly hash: string;
  readonly guarded: Guarded;
  readonly findings: readonly Finding[];
  readonly holds: readonly Hold[];
  readonly applied: Applied | undefined;
  readonly linked: number;
  /** Accounts in the store that no identity explains, by anchor. */
  readonly orphans: ReadonlyMap<string, string>;
  /** Why the target could not be read or written; nothing was concluded from what was missing. */
  readonly error: StoreError | undefined;
}

/** How long a hold waits for its approval. */
const holdLasts = 7 * 24 * 3_600_000;

/** One run of one target: look, gather, plan, guard, apply, remember. A pass, a manifest edit, a timer and a person all run this. */
export async function runTarget(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  options: RunOptions,
): Promise<TargetReport> {
  try {
    if (!options.planOnly) await recover(parts, lane);
    const seen = await look(parts, lane, options);
    const suspects = await suspectsOf(parts, lane, desires, seen.suspects);
    const gathered = await gather(parts, lane, suspects, seen, callFor(parts, 300_000));
    const plan = await planOf(parts, lane, desires, suspects, gathered, options);
    const { guarded, holds, approvals } = await guardPlan(parts, lane, plan, options);
    const applied = options.planOnly
      ? undefined
      : await carryOut(parts, lane, desires, { plan, guarded, holds, approvals, gathered, seen });
    lane.open = openAfter(plan, guarded, applied);
    // What was seen and not dealt with must be seen again: only then may an unchanged marker spare the next scan.
    const settled = seen.touched.every(
      ({ anchor, version }) => lane.entitlements.get(anchor)?.version === version,
    );
    // A link that was made or dropped by the state alone makes other accounts orphans, which the store's marker does not tell.
    const relinked = applied?.done.some((item) => item.operation === "Adopt" || item.operation === "Forget");
    lane.marker = options.planOnly || !settled || relinked ? undefined : seen.marker;
    return report(lane, { plan, guarded, holds, applied, error: undefined });
  } catch (error) {
    // What was marked has been taken and not been dealt with.
    lane.everything = true;
    lane.marker = undefined;
    if (!(error instanceof StoreError)) throw error;
    return report(lane, { plan: undefined, guarded: undefined, holds: [], applied: undefined, error });
  }
}

async function planOf(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  suspects: Awaited<ReturnType<typeof suspectsOf>>,
  gathered: Gathered,
  options: RunOptions,
): Promise<Plan> {
  const { model, connector, index } = lane;
  const access = new Map(
    suspects.flatMap((suspect) => (suspect.access ? [[suspect.identity, suspect.access] as const] : [])),
  );
  const context = {
    model,
    now: parts.clock.now(),
    digestKey: parts.state.digestKey,
    policyChangedAt: desires.snapshot.policyChangedAt,
    can: connector.capabilities,
    rebuild: options.rebuild === true,
  };
  return inSlices(
    planTarget(context, {
      ...gathered,
      access,
      ownerOf: (name) => index.ownerOf(name),
      ownerOfProof: (proof) => index.ownerOfProof(proof),
      memberKey: (account) => connector.memberKey(account),
    }),
  );
}

async function guardPlan(parts: Parts, lane: TargetLane, plan: Plan, options: RunOptions) {
  const { state, clock } = parts;
  const { model } = lane;
  const now = clock.now();
  const approvals = new Map<string, string>();
  const known = await state.holds(model.name);
  for (const hold of known)
    if (hold.approved && hold.expires > now)
      for (const item of hold.items) approvals.set(item.hash, hold.approved.by);
  const { removals, updates, creates } = model.spec.limits;
  const spent = new Map<BudgetClass, number>();
  const windows: [BudgetClass, Budget | undefined][] = [
    ["Removals", removals],
    ["Updates", updates],
    ["Creates", creates],
    ["Emergency", { percent: 0, atLeast: 0, per: "1h" }],
  ];
  for (const [budget, limit] of windows)
    if (limit) spent.set(budget, await state.spent(model.name, budget, now - windowOf(limit)));
  const allowed = await inSlices(
    guard(plan.items, {
      model,
      now,
      linked: lane.index.size,
      spent: (budget) => spent.get(budget) ?? 0,
      shown: options.shown,
      approved: new Set(approvals.keys()),
    }),
  );
  const guarded = options.trial === undefined ? allowed : tryOne(allowed, options.trial);
  const holds = guarded.holds.map((hold): Hold => {
    const before = known.find((each) => each.hash === hold.hash && each.expires > now);
    const at = before?.at ?? now;
    const items = hold.items.map(
      ({ hash, operation, identity, name }) => ({ hash, operation, identity, name }) as Hold["items"][number],
    );
    return {
      hash: hold.hash,
      target: model.name,
      budget: hold.budget,
      reason: hold.reason,
      items,
      at,
      expires: at + holdLasts,
    };
  });
  // An approval stays in force until all that it approved is done, or it expires.
  const live = new Set(plan.items.map((item) => item.hash));
  const approved = known.filter(
    (hold) => hold.approved && hold.expires > now && hold.items.some((item) => live.has(item.hash)),
  );
  return { guarded, holds: [...holds, ...approved], approvals };
}

interface CarryOut {
  readonly plan: Plan;
  readonly guarded: Guarded;
  readonly holds: readonly Hold[];
  readonly approvals: ReadonlyMap<string, string>;
  readonly gathered: Gathered;
  readonly seen: Look;
}

async function carryOut(parts: Parts, lane: TargetLane, desires: Desires, work: CarryOut): Promise<Applied> {
  const { plan, guarded, holds, approvals, gathered, seen } = work;
  const { state } = parts;
  const before = await state.holds(lane.model.name);
  if (holds.length > 0 || before.length > 0) await state.putHolds(lane.model.name, holds);
  const ledger = new Ledger(lane, plan, guarded);
  const all = ledger.settle(gathered.cases, seen.touched);
  // A target that only observes says what it sees, and leaves the ledger as it is.
  const settled = lane.model.spec.mode === "Observe" ? { ...all, holdings: [], dropHoldings: [] } : all;
  if (Object.values(settled).some((list) => list.length > 0)) {
    await state.finish(settled);
    ledger.commit(settled, parts.clock.now());
  }
  const { revision } = desires.snapshot;
  const approvedBy = (item: string) => approvals.get(item);
  const applied = await applyPlan(parts, { lane, plan, guarded, revision, approvedBy });
  const used = new Set(applied.done.map((item) => item.hash));
  const left = holds.map((hold) => (hold.approved ? withoutItems(hold, used) : hold));
  // What was approved is approved once: the same change, wanted again later, is a new question.
  if (used.size > 0 && holds.some((hold) => hold.approved))
    await state.putHolds(
      lane.model.name,
      left.filter((hold) => hold.items.length > 0),
    );
  return applied;
}

function withoutItems(hold: Hold, used: ReadonlySet<string>): Hold {
  return { ...hold, items: hold.items.filter((item) => !used.has(item.hash)) };
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

function report(
  lane: TargetLane,
  run: {
    plan: Plan | undefined;
    guarded: Guarded | undefined;
    holds: readonly Hold[];
    applied: Applied | undefined;
    error: StoreError | undefined;
  },
): TargetReport {
  const guarded = run.guarded ?? { items: [], withheld: [], holds: [], counts: new Map() };
  return {
    target: lane.model.name,
    store: lane.model.store,
    hash: planHash(guarded.items),
    guarded,
    findings: run.plan?.findings ?? [],
    holds: run.holds,
    applied: run.applied,
    linked: lane.index.size,
    orphans: lane.observation?.unlinked ?? new Map(),
    error: run.error,
  };
}
