import { parseDuration } from "../model/duration.ts";

/** A budget as a target declares it. */
export interface Budget {
  readonly percent: number;
  readonly atLeast: number;
  readonly atMost?: number | undefined;
  readonly per: string;
}

/** How many accounts a budget lets through in its window: a share of the linked ones, within its bounds (law 5). */
export function allowance(budget: Budget, linked: number): number {
  const share = Math.floor((budget.percent / 100) * linked);
  return Math.min(Math.max(share, budget.atLeast), budget.atMost ?? Number.POSITIVE_INFINITY);
}

export function windowOf(budget: Budget): number {
  return parseDuration(budget.per);
}
