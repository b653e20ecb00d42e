import type { PlanItem } from "../core/model/change.ts";
import type { BudgetClass, Guarded } from "../core/plan/guard.ts";
import type { BatchResult } from "../state/state.ts";
import type { Parts } from "./parts.ts";

/** What these items take from the budgets: accounts by class. */
export function budgetCounts(
  items: Iterable<PlanItem>,
  { counts }: Pick<Guarded, "counts">,
): Partial<Record<BudgetClass, number>> {
  const taken: Partial<Record<BudgetClass, number>> = {};
  for (const item of items) {
    const budget = counts.get(item.hash);
    if (budget) taken[budget] = (taken[budget] ?? 0) + 1;
  }
  return taken;
}

/** Takes from a target's budgets what nothing has to be looked up for, with what it is taken for; negative counts are given back. */
export function spending(
  { newId, clock }: Pick<Parts, "newId" | "clock">,
  target: string,
  counts: Partial<Record<BudgetClass, number>>,
): Pick<BatchResult, "spent"> {
  if (Object.keys(counts).length === 0) return {};
  return { spent: { id: newId(), target, at: clock.now(), counts } };
}
