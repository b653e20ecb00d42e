import type { PlanItem } from "../core/model/change.ts";
import type { BudgetClass, Guarded } from "../core/plan/guard.ts";

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
