import type { PlanItem } from "../core/model/change.ts";
import { type Budget, windowOf } from "../core/plan/budget.ts";
import { type BudgetClass, type Guarded, guard } from "../core/plan/guard.ts";
import type { Plan } from "../core/plan/plan.ts";
import { tryOne } from "../core/plan/quarantine.ts";
import type { HeldItem, Hold } from "../state/state.ts";
import { eachInSlices, inSlices } from "./breathe.ts";
import type { Parts } from "./parts.ts";
import type { RunOptions } from "./run-options.ts";
import type { TargetLane } from "./target-lane.ts";
import type { SettledTasks } from "./tasks/settle.ts";

/** How long a hold waits for its approval. */
const holdLasts = 7 * 24 * 3_600_000;

/** A plan with the limits applied, and what they ask people for. */
export interface GuardedPlan {
  readonly guarded: Guarded;
  readonly holds: readonly Hold[];
  /** Who approved an item, by its hash. */
  readonly approvals: ReadonlyMap<string, string>;
}

/** What else the guard is told of a target: what people are asked for, and of which changes nothing is proved by their not being planned. */
interface Told extends Pick<SettledTasks, "covering" | "said"> {
  readonly isUnsure: (item: HeldItem) => boolean;
}

/** Applies the limits, with what the state knows of budgets spent and approvals given. Writes nothing. */
export async function guardPlan(
  parts: Parts,
  lane: TargetLane,
  plan: Plan,
  options: RunOptions,
  { covering, said, isUnsure = () => false }: Partial<Told> = {},
): Promise<GuardedPlan> {
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
      planOnly: options.planOnly,
      approved: new Set(approvals.keys()),
      covering,
      said,
    }),
  );
  const guarded = options.trial === undefined ? allowed : tryOne(allowed, options.trial);
  const holds = guarded.holds.map((hold): Hold => {
    const before = known.find((each) => each.hash === hold.hash && each.expires > now);
    const at = before?.at ?? now;
    const items = hold.items.map(heldItem);
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
  // Each item that was approved stays so until it is done or proved to be wanted no longer, or its hold expires.
  const approved = known.filter((hold) => hold.approved && hold.expires > now);
  const live = new Set(approved.length === 0 ? [] : plan.items.map((item) => item.hash));
  const lapsed = new Set<string>();
  await eachInSlices(
    approved.flatMap(({ items }) => items),
    (item) => {
      if (!live.has(item.hash) && !isUnsure(item)) lapsed.add(item.hash);
    },
  );
  return { guarded, holds: [...holds, ...holdsAfter(approved, lapsed)], approvals };
}

function heldItem(item: PlanItem): HeldItem {
  const { hash, operation, identity, name } = item;
  const of = item.kind === "membership" ? { entitlementName: item.entitlementName } : {};
  return { hash, operation, identity, name, ...of } as HeldItem;
}

/** The holds once these items are done, or wanted no longer: what was approved is approved once, and the same change wanted again is a new question. */
export function holdsAfter(holds: readonly Hold[], done: ReadonlySet<string>): readonly Hold[] {
  return holds
    .map((hold) =>
      hold.approved ? { ...hold, items: hold.items.filter((item) => !done.has(item.hash)) } : hold,
    )
    .filter((hold) => hold.items.length > 0);
}
