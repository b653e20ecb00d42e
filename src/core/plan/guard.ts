import type { TargetModel } from "../desired/target-model.ts";
import { type PlanItem, removals } from "../model/change.ts";
import { sha256 } from "../model/hash.ts";
import { getOrAdd } from "../model/maps.ts";
import type { Covering } from "../tasks/covering.ts";
import { timeText } from "../tasks/task.ts";
import { boundaryCheck } from "./boundary.ts";
import { allowance, type Budget, windowOf } from "./budget.ts";
import { prune } from "./prune.ts";
import type { Withheld, WithheldKind } from "./withheld.ts";

export type BudgetClass = "Removals" | "Updates" | "Creates" | "Emergency";

/** All items of one class, withheld together by a budget: what an approval is asked for. */
export interface BudgetHold {
  readonly budget: BudgetClass;
  readonly hash: string;
  readonly reason: string;
  readonly items: readonly PlanItem[];
}

export interface Guarded {
  readonly items: readonly PlanItem[];
  readonly withheld: readonly Withheld[];
  readonly holds: readonly BudgetHold[];
  /** By item hash, for each account's first item of a class: what applying it takes from a budget. */
  readonly counts: ReadonlyMap<string, BudgetClass>;
}

/** Item hashes that a person was shown. */
export type Shown = Pick<ReadonlySet<string>, "has">;

/** A plan that is made to be shown: whatever it finds will have been seen. */
export const everythingShown: Shown = { has: () => true };

export interface GuardContext {
  readonly model: TargetModel;
  readonly now: number;
  /** Accounts linked in this target. */
  readonly linked: number;
  /** Accounts that a class has touched since its window began. */
  readonly spent: (budget: BudgetClass) => number;
  /**
   * What a person was shown: nothing else is applied, and it stands in for settling and proposals, never for budgets. Undefined
   * where nobody was shown anything.
   */
  readonly shown: Shown | undefined;
  /** Nothing is applied: a value that another store will assign, when its turn comes, is shown as its expression. */
  readonly planOnly: boolean;
  /** Items of approved holds: pass budgets and settling, and do not count. */
  readonly approved: ReadonlySet<string>;
  /** Of a target that people change: in which task they have a change already. Absent: Rollcall makes the changes. */
  readonly covering?: Covering | undefined;
  /** Where nothing but people's word is kept: in which task they say that they have made a change. It is kept, and counts no more. */
  readonly said?: Covering | undefined;
}

type Objection = { readonly kind: WithheldKind; readonly reason: string } | undefined;
type Policy = (item: PlanItem, context: GuardContext) => Objection;

/**
 * Decides what of a plan may be applied now (laws 5, 6, 8). Pure: items in, items and holds out. The check comes before the
 * first change; what does not fit a budget whole is held whole. A generator, as `planTarget` is.
 */
export function* guard(items: readonly PlanItem[], context: GuardContext): Generator<void, Guarded> {
  const inBounds = boundaryCheck(context.model);
  // In this order, the first that objects decides. Each looks at one item; budgets, which look at all of a class, come after.
  const policies: readonly Policy[] = [
    inBounds,
    modeAllows,
    wasHandedOver,
    isAssigned,
    wasShown,
    wasProposed,
    hasSettled,
  ];
  const withheld: Withheld[] = [];
  const passed: PlanItem[] = [];
  for (const item of items) {
    const objection = objectionTo(item, context, policies);
    if (objection) withheld.push({ item, ...objection });
    else passed.push(item);
    yield;
  }
  const { holds, counts } = yield* budgets(passed, context);
  const held = new Map(holds.flatMap((hold) => hold.items.map((item) => [item, hold.reason] as const)));
  for (const [item, reason] of held) withheld.push({ item, kind: "Budget", reason });
  const kept = held.size === 0 ? passed : passed.filter((item) => !held.has(item));
  const { free, blocked } = prune(kept, withheld);
  return { items: free, withheld: [...withheld, ...blocked], holds, counts };
}

function objectionTo(item: PlanItem, context: GuardContext, policies: readonly Policy[]): Objection {
  for (const policy of policies) {
    const objection = policy(item, context);
    if (objection) return objection;
  }
  return undefined;
}

function modeAllows(item: PlanItem, { model }: GuardContext): Objection {
  const { operation } = item;
  if (operation === "Adopt" || operation === "Forget") return undefined; // State alone: nothing is written to the store.
  if (model.spec.mode === "Observe")
    return { kind: "Observe", reason: "the target only observes: mode: Enforce applies it" };
  if (!model.spec.allow.includes(operation))
    return { kind: "NotAllowed", reason: `${operation} is not in the target's allow` };
  return undefined;
}

/** What people have been asked for is not asked for again, and counted against a budget once. */
function wasHandedOver(item: PlanItem, { covering, said }: GuardContext): Objection {
  const task = covering?.(item);
  if (!task || said?.(item)) return undefined;
  const { name, phase, owner, due, answered } = task;
  if (phase !== "Rejected") {
    const said = phase === "Completed" ? `, ${answered?.by} says that it is done` : "";
    return { kind: "Task", reason: `waits for ${owner}: task ${name}, due ${timeText(due)}${said}` };
  }
  const why = answered?.reason === undefined ? "" : `: ${answered.reason}`;
  return { kind: "Rejected", reason: `rejected by ${answered?.by}${why} (task ${name})` };
}

/** The other store had its turn: what is still to be assigned then is not there to be written. */
function isAssigned(item: PlanItem, { planOnly }: GuardContext): Objection {
  if (planOnly || item.kind !== "account") return undefined;
  const waiting = item.attributes.find((delta) => delta.pending !== undefined);
  return waiting && { kind: "Blocked", reason: `waits for the value of ${waiting.name}: ${waiting.pending}` };
}

function wasShown(item: PlanItem, { shown }: GuardContext): Objection {
  if (!shown || wasSeen(item, shown)) return undefined;
  return { kind: "NotShown", reason: "it was not in the plan that was shown: plan again to see it" };
}

function wasSeen(item: PlanItem, shown: Shown): boolean {
  return shown.has(item.hash) || (item.earlierHash !== undefined && shown.has(item.earlierHash));
}

function wasProposed(item: PlanItem, { shown, approved }: GuardContext): Objection {
  if (item.kind === "entitlement" || !item.proposed || shown?.has(item.hash) || approved.has(item.hash))
    return undefined;
  return { kind: "Proposed", reason: "an adoption waits for a person: apply the plan that shows it" };
}

function hasSettled(item: PlanItem, { model, now, shown, approved }: GuardContext): Objection {
  if (
    !isRemoval(item) ||
    item.unsettledSince === undefined ||
    shown?.has(item.hash) ||
    approved.has(item.hash)
  )
    return undefined;
  const due = item.unsettledSince + model.settle;
  // A clock that went back must not let an absence count as old: it is taken as new.
  if (now >= due && now >= item.unsettledSince) return undefined;
  return {
    kind: "Settling",
    reason: `waits until ${new Date(due).toISOString()}, for the manifests to settle`,
  };
}

/** An account that is gone is forgotten as carefully as one is removed: a store that shows nothing would else have all of them forgotten. */
function isRemoval(item: PlanItem): boolean {
  return (removals as ReadonlySet<string>).has(item.operation) || isLoss(item);
}

function isLoss(item: PlanItem): boolean {
  return item.kind === "account" && item.lost === true;
}

function classOf(item: PlanItem): BudgetClass | undefined {
  if (item.kind === "entitlement" || item.operation === "Adopt") return undefined;
  if (item.operation === "Forget") return isLoss(item) ? "Removals" : undefined;
  if (item.emergency) return "Emergency";
  if (isRemoval(item)) return "Removals";
  return item.operation === "Create" ? "Creates" : "Updates";
}

function budgetOf(budget: BudgetClass, { model }: GuardContext): Budget | undefined {
  const { limits } = model.spec;
  if (budget === "Removals") return limits.removals;
  if (budget === "Creates") return limits.creates;
  if (budget === "Updates") return limits.updates;
  return { percent: 0, atLeast: limits.emergency, per: "1h" };
}

function* budgets(
  items: readonly PlanItem[],
  context: GuardContext,
): Generator<void, Pick<Guarded, "holds" | "counts">> {
  const classes = new Map<BudgetClass, PlanItem[]>();
  const counts = new Map<string, BudgetClass>();
  const accounts = new Map<BudgetClass, Set<string>>();
  for (const item of items) {
    yield;
    const budget = classOf(item);
    if (!budget || context.approved.has(item.hash) || context.said?.(item)) continue;
    const touched = getOrAdd(accounts, budget, () => new Set<string>());
    getOrAdd(classes, budget, (): PlanItem[] => []).push(item);
    if (touched.has(item.identity)) continue;
    touched.add(item.identity);
    counts.set(item.hash, budget);
  }
  const holds: BudgetHold[] = [];
  for (const [budget, list] of classes) {
    const limit = budgetOf(budget, context);
    if (!limit) continue;
    const wanted = accounts.get(budget)?.size ?? 0;
    const spent = context.spent(budget);
    const allowed = allowance(limit, context.linked);
    if (spent + wanted <= allowed) continue;
    const window = windowOf(limit) / 3_600_000;
    const touched = wanted === 1 ? "1 account" : `${wanted} accounts`;
    const reason = `${budget} would touch ${touched}, after ${spent} in the last ${window} h; the limit is ${allowed}`;
    const hashes = list.map((item) => item.hash).sort();
    holds.push({ budget, hash: sha256(hashes.join("\n")), reason, items: list });
  }
  return { holds, counts };
}
