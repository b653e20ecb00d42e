import { nextReminder } from "../core/tasks/remind.ts";
import type { TargetReport } from "./run.ts";
import type { TargetLane } from "./target-lane.ts";

/** When time alone changes what may be done in a target: a removal has settled, an account's grace period is over, or somebody is to be reminded of a task (ms). */
export function wakeAfter(
  report: TargetReport,
  lane: TargetLane | undefined,
  now: number,
): number | undefined {
  if (!lane) return undefined;
  let next = Number.POSITIVE_INFINITY;
  for (const { item, kind } of report.guarded.withheld)
    if (kind === "Settling" && item.unsettledSince !== undefined)
      next = Math.min(next, item.unsettledSince + lane.model.settle);
  const { deleteAfter, tasks } = lane.model;
  if (tasks) for (const task of report.tasks.live) next = Math.min(next, nextReminder(task, tasks));
  if (deleteAfter !== undefined)
    for (const { desired, disabledAt } of lane.index.entries()) {
      if (disabledAt === undefined || !desired?.startsWith("None/")) continue;
      const due = disabledAt + deleteAfter;
      if (due > now) next = Math.min(next, due);
    }
  return Number.isFinite(next) ? Math.max(next, now) : undefined;
}
