import { StoreError } from "../connectors/errors.ts";
import type { Finding } from "../core/plan/case.ts";
import type { PlanContext } from "../core/plan/context.ts";
import type { Guarded } from "../core/plan/guard.ts";
import { planHash } from "../core/plan/item.ts";
import { type Plan, Planning } from "../core/plan/plan.ts";
import type { TaskChanges } from "../core/tasks/reconcile.ts";
import type { HeldItem, Hold } from "../state/state.ts";
import type { Applied } from "./apply.ts";
import { inSlices } from "./breathe.ts";
import { carryOut, leftAfter, shares } from "./carry-out.ts";
import { checkFindings, checkStore } from "./check-store.ts";
import type { Desires } from "./desires.ts";
import { type Asking, type Gathered, gather } from "./gather.ts";
import { guardPlan } from "./guard-plan.ts";
import { type Look, look, nothingSeen } from "./look.ts";
import { callFor, type Parts } from "./parts.ts";
import { changedPasswords } from "./read-passwords.ts";
import { recover } from "./recover.ts";
import type { RunOptions } from "./run-options.ts";
import type { Suspect } from "./suspect.ts";
import { suspectsOf } from "./suspects.ts";
import type { TargetLane } from "./target-lane.ts";
import { planStanding } from "./tasks/plan-standing.ts";
import { type SettledTasks, settleTasks } from "./tasks/settle.ts";

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
  readonly tasks: Tasks;
  /** Undefined where it could not be opened. */
  readonly linked: number | undefined;
  /** Accounts in the store that no identity explains, by anchor. */
  readonly orphans: ReadonlyMap<string, string>;
  /** Why the target could not be read or written; nothing was concluded from what was missing. */
  readonly error: StoreError | undefined;
}

/** Of a target that people change: the live tasks, and what has happened to tasks. */
export interface Tasks extends Pick<TaskChanges, "live" | "events"> {
  /** Who makes the changes; absent: Rollcall does. */
  readonly owner?: string;
  /** Identities of whose accounts something was found done. */
  readonly noted?: ReadonlySet<string>;
  /** What people have done, as the store shows it now. */
  readonly byHand?: SettledTasks["byHand"];
  /** Changes of a plan that people would be asked for: the others are remembered, and nothing else. */
  readonly asks?: number;
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
    const settled = await settleTasks(parts, lane, options);
    const standing = planStanding(lane, {
      unchanged: settled.unchanged,
      pass: options.pass,
      now: parts.clock.now(),
    });
    const seen = standing ? nothingSeen(lane, options) : await look(parts, lane, settled.memory, options);
    const { plan, examined } =
      standing ?? (await planAfter(parts, lane, desires, { seen, settled, options }));
    const isUnsure = (item: HeldItem) =>
      !examined.has(item.identity) || desires.isUnsure(lane.model.name, item, parts.clock.now());
    const guardedPlan = await guardPlan(parts, lane, plan, options, { ...settled, isUnsure });
    const { guarded, holds } = guardedPlan;
    const carried = options.planOnly
      ? undefined
      : await carryOut(parts, lane, {
          ...guardedPlan,
          plan,
          examined,
          seen,
          settled,
          revision: desires.snapshot.revision,
        });
    const { applied, tasks } = carried ?? {
      applied: undefined,
      tasks: { live: settled.tasks, events: [], asks: shares(lane, guarded.items, settled).handed.length },
    };
    Object.assign(lane, leftAfter(lane, plan, guarded, applied));
    // What was seen and not dealt with must be seen again: only then may an unchanged marker spare the next scan.
    const isSettled = seen.touched.every(
      ({ anchor, version }) => lane.entitlements.get(anchor)?.version === version,
    );
    // What was changed since the scan may be changed back by others, to the very content that it saw; and a link that was made or dropped
    // by the state alone makes other accounts orphans, which the store's marker does not tell.
    const changed = applied !== undefined && applied.done.length + applied.failed.length > 0;
    lane.marker = options.planOnly || !isSettled || changed ? undefined : seen.marker;
    const { noted, byHand } = settled;
    return reportOf(lane, {
      plan,
      examined,
      guarded,
      holds,
      applied,
      tasks: { ...tasks, noted, byHand },
      error: undefined,
    });
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
  { seen, settled, options }: { seen: Look; settled: SettledTasks; options: RunOptions },
): Promise<{ readonly plan: Plan; readonly examined: ReadonlySet<string> }> {
  const { model, connector } = lane;
  const marked =
    seen.fresh || lane.everything
      ? seen.suspects.union(await changedPasswords(lane, desires))
      : seen.suspects;
  const { suspects, examined } = await suspectsOf(parts, lane, desires, marked);
  const now = parts.clock.now();
  const asking = { lane, memory: settled.memory, now, call: () => callFor(parts, 300_000) };
  const context = {
    model,
    now,
    digestKey: parts.state.digestKey,
    policyChangedAt: desires.snapshot.policyChangedAt,
    // People bring nothing back: they make another one.
    can: model.tasks ? { ...connector.capabilities, restore: false } : connector.capabilities,
    rebuild: options.rebuild === true,
  };
  const { planning, cases } = await correlated(asking, context, suspects, seen);
  for await (const some of cases) await inSlices(planning.take(some));
  return { plan: await inSlices(planning.plan()), examined };
}

/** A function of its own as well: who was told apart is not needed any more. */
async function correlated(
  asking: Asking,
  context: PlanContext,
  suspects: Suspect[],
  seen: Look,
): Promise<Pick<Gathered, "cases"> & { readonly planning: Planning }> {
  const { subjects, entitlements, cases } = await gather(asking, suspects, seen);
  const { connector, index } = asking.lane;
  const planning = new Planning(context, {
    entitlements,
    ownerOf: (name) => index.ownerOf(name),
    ownerOfProof: (proof) => index.ownerOfProof(proof),
    isLinked: (identity) => index.of(identity) !== undefined,
    memberKey: (account) => connector.memberKey(account),
  });
  await inSlices(planning.correlate(subjects));
  return { planning, cases };
}

interface Run {
  readonly plan: Plan | undefined;
  readonly examined: ReadonlySet<string>;
  readonly guarded: Guarded | undefined;
  readonly holds: readonly Hold[];
  readonly applied: Applied | undefined;
  readonly tasks: Tasks;
  readonly error: StoreError | undefined;
}

/** What a run has to tell that did nothing. */
export const nothingDone = {
  plan: undefined,
  examined: new Set<string>(),
  guarded: undefined,
  holds: [],
  applied: undefined,
  tasks: { live: [], events: [] },
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
    tasks: lane.model.tasks ? { ...run.tasks, owner: lane.model.tasks.owner } : run.tasks,
    linked: lane.index.size,
    orphans: lane.observation?.unlinked ?? new Map(),
    error: run.error,
  };
}
