import type { PlanItem } from "../../core/model/change.ts";
import type { FindingKind } from "../../core/plan/case.ts";
import type { Guarded } from "../../core/plan/guard.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { closeAll, reconcile, type TaskChanges } from "../../core/tasks/reconcile.ts";
import type { Task } from "../../core/tasks/task.ts";
import { inSlices } from "../breathe.ts";
import { budgetCounts, spending } from "../budget-counts.ts";
import { intentOf } from "../journal-line.ts";
import type { Parts } from "../parts.ts";
import type { TargetLane } from "../target-lane.ts";
import { type SettledTasks, shownSince } from "./settle.ts";

/** What is found of an identity of which the plan does not tell all that is to be done. */
const untold: ReadonlySet<FindingKind> = new Set<FindingKind>(["Held", "Conflict", "Pending"]);

export interface HandOver {
  readonly plan: Plan;
  /** The identities that the plan is of. */
  readonly examined: ReadonlySet<string>;
  /** Whether the store was looked at for it. */
  readonly fresh: boolean;
  readonly guarded: Guarded;
  /** Of what the guard let pass, what people are to do. */
  readonly handed: readonly PlanItem[];
  readonly settled: SettledTasks;
  readonly revision: string;
  readonly approvedBy: (item: string) => string | undefined;
}

/**
 * Hands changes over to people: tasks are opened, brought up to date and closed, in the one transaction that takes what is handed over
 * from the budgets (laws 5 and 7).
 */
export async function handOver(parts: Parts, lane: TargetLane, work: HandOver): Promise<TaskChanges> {
  const changes = await changesOf(parts, lane, work);
  const counts = budgetCounts(work.handed, work.guarded);
  const spent = spending(parts, lane.model.name, counts);
  if (spent.spent || changes.put.length > 0) await parts.state.finish({ ...spent, tasks: changes.put });
  return changes;
}

async function changesOf(parts: Parts, lane: TargetLane, work: HandOver): Promise<TaskChanges> {
  const { model } = lane;
  const { plan, examined, fresh, guarded, handed, settled, revision, approvedBy } = work;
  const { tasks, covering } = settled;
  const now = parts.clock.now();
  if (!model.tasks || !covering) return closeAll(tasks, now);
  const waiting = guarded.withheld.flatMap(({ item, kind }) =>
    kind === "Task" || kind === "Rejected" ? [item] : [],
  );
  const unknown = new Set([
    ...plan.findings.flatMap(({ kind, identity }) => (untold.has(kind) ? (identity ?? []) : [])),
    // Whether an account is gone, or whose it is, is still to be decided.
    ...guarded.withheld.flatMap(({ item }) =>
      item.operation === "Forget" || (item.operation === "Adopt" && item.kind === "account")
        ? item.identity
        : [],
    ),
  ]);
  const wanted = [...waiting, ...handed].sort((a, b) => a.wave - b.wave);
  const isTold = ({ identity }: Task) =>
    !settled.isBare && (identity === "" ? fresh : examined.has(identity) && !unknown.has(identity));
  // What is wanted no longer was done perhaps after it was looked up: then the next run takes it in, as it takes in whatever was done.
  const hashes = new Set(wanted.map(({ hash }) => hash));
  const isLess = ({ items }: Task) => items.some(({ item }) => !hashes.has(item));
  const late = await shownSince(
    parts,
    lane,
    tasks.filter((task) => isTold(task) && isLess(task)),
  );
  return inSlices(
    reconcile({
      target: model.name,
      terms: model.tasks,
      now,
      digestKey: model.digestKey,
      tasks,
      covering,
      wanted,
      intentOf: (item) => intentOf(item, now, revision, approvedBy(item.hash)),
      isTold: (task) => isTold(task) && !late.has(task),
      decided: (identity) => plan.verdicts.get(identity)?.link?.decided,
    }),
  );
}
