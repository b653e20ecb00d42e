import type { PlanItem } from "../core/model/change.ts";
import type { FindingKind } from "../core/plan/case.ts";
import type { Guarded } from "../core/plan/guard.ts";
import type { Plan } from "../core/plan/plan.ts";
import { closeAll, reconcile, type TaskChanges } from "../core/tasks/reconcile.ts";
import { inSlices } from "./breathe.ts";
import { budgetCounts } from "./budget-counts.ts";
import { intentOf } from "./journal-line.ts";
import type { Parts } from "./parts.ts";
import type { SettledTasks } from "./settle-tasks.ts";
import type { TargetLane } from "./target-lane.ts";

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
 * Hands changes over to people: tasks are opened, brought up to date and closed, in one transaction that comes after the one that takes
 * what is handed over from the budgets (law 5). Killed in between, they are taken twice, and no task is lost or there twice (law 7).
 */
export async function handOver(parts: Parts, lane: TargetLane, work: HandOver): Promise<TaskChanges> {
  const { state, clock, newId } = parts;
  const changes = await changesOf(parts, lane, work);
  const counts = budgetCounts(work.handed, work.guarded);
  if (Object.keys(counts).length > 0) {
    const id = newId();
    await state.begin({ id, target: lane.model.name, at: clock.now(), intents: [], counts });
    await state.finish({ batch: id, tasks: changes.put });
  } else if (changes.put.length > 0) await state.finish({ tasks: changes.put });
  return changes;
}

async function changesOf({ clock }: Parts, { model }: TargetLane, work: HandOver): Promise<TaskChanges> {
  const { plan, examined, fresh, guarded, handed, settled, revision, approvedBy } = work;
  const { tasks, covering } = settled;
  const now = clock.now();
  if (!model.tasks || !covering) return closeAll(tasks, now);
  const waiting = guarded.withheld.flatMap(({ item, kind }) =>
    kind === "Task" || kind === "Rejected" ? [item] : [],
  );
  const unknown = new Set(
    plan.findings.flatMap(({ kind, identity }) => (untold.has(kind) ? (identity ?? []) : [])),
  );
  return inSlices(
    reconcile({
      target: model.name,
      terms: model.tasks,
      now,
      digestKey: model.digestKey,
      tasks,
      covering,
      wanted: [...waiting, ...handed].sort((a, b) => a.wave - b.wave),
      intentOf: (item) => intentOf(item, now, revision, approvedBy(item.hash)),
      isTold: ({ identity }) => (identity === "" ? fresh : examined.has(identity) && !unknown.has(identity)),
      decided: (identity) => plan.verdicts.get(identity)?.link?.decided,
    }),
  );
}
