import type { PlanItem } from "../core/model/change.ts";
import type { Guarded } from "../core/plan/guard.ts";
import { wave } from "../core/plan/item.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { WithheldKind } from "../core/plan/withheld.ts";
import { withDone } from "../core/tasks/reading.ts";
import type { TaskChanges } from "../core/tasks/reconcile.ts";
import type { Task } from "../core/tasks/task.ts";
import { type Applied, applyPlan } from "./apply.ts";
import { breathing, inSlices } from "./breathe.ts";
import { type GuardedPlan, holdsAfter } from "./guard-plan.ts";
import { Ledger } from "./ledger.ts";
import type { Look } from "./look.ts";
import type { Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";
import { handOver } from "./tasks/hand-over.ts";
import type { SettledTasks } from "./tasks/settle.ts";

export interface CarryOut extends GuardedPlan {
  readonly plan: Plan;
  readonly examined: ReadonlySet<string>;
  readonly seen: Look;
  readonly settled: SettledTasks;
  readonly revision: string;
}

/** Does what the guard let pass: in the store, or, where people change it, by asking them. */
export async function carryOut(
  parts: Parts,
  lane: TargetLane,
  work: CarryOut,
): Promise<{ readonly applied: Applied; readonly tasks: Pick<TaskChanges, "live" | "events"> }> {
  const { plan, guarded, holds, approvals, seen, settled, revision } = work;
  const { state } = parts;
  const before = await state.holds(lane.model.name);
  if (holds.length > 0 || before.length > 0) await state.putHolds(lane.model.name, holds);
  const ledger = new Ledger(lane, plan);
  await inSlices(ledger.expect(guarded));
  const breathe = breathing();
  for (const some of ledger.settle(seen.touched)) {
    // A target that only observes says what it sees, and leaves the ledger as it is.
    const writes = lane.model.spec.mode === "Observe" ? { ...some, holdings: [], dropHoldings: [] } : some;
    if (Object.values(writes).some((list) => list.length > 0)) {
      await state.finish(writes);
      ledger.commit(writes, parts.clock.now());
    }
    await breathe();
  }
  const approvedBy = (item: string) => approvals.get(item);
  const { ours, handed } = shares(lane, guarded.items, settled);
  const applied = await applyPlan(parts, {
    ...{ lane, ledger, revision, approvedBy },
    saidIn: (item) => settled.said?.(item),
    guarded: { ...guarded, items: ours },
  });
  const undone = unwritten(applied, settled);
  const tasks = await handOver(parts, lane, {
    ...{ ...work, fresh: seen.fresh, approvedBy },
    handed: [...handed, ...undone],
    settled: {
      ...settled,
      tasks: withoutWritten(settled, applied.done, [...undone, ...withheldOf(guarded)]),
    },
  });
  const used = [...applied.done, ...handed];
  if (used.length > 0 && holds.some((hold) => hold.approved))
    await state.putHolds(lane.model.name, holdsAfter(holds, new Set(used.map((item) => item.hash))));
  const events = [...settled.events, ...tasks.events];
  return {
    applied: handed.length > 0 ? { ...applied, handed } : applied,
    tasks: { live: tasks.live, events },
  };
}

/** What Rollcall does itself, and what people are to do; links are always its own, and so is what it keeps of people's word. */
export function shares(
  { model }: Pick<TargetLane, "model">,
  items: readonly PlanItem[],
  { said }: SettledTasks,
): { readonly ours: readonly PlanItem[]; readonly handed: readonly PlanItem[] } {
  if (!model.tasks) return { ours: items, handed: [] };
  const { ours = [], handed = [] } = Object.groupBy(items, (item) =>
    item.wave === wave.State || said?.(item) ? "ours" : "handed",
  );
  return { ours, handed };
}

/** What people say that they have done, and could not be kept. */
function unwritten({ failed, left }: Applied, { said }: SettledTasks): readonly PlanItem[] {
  return [...failed.map(({ item }) => item), ...left].filter((item) => said?.(item));
}

function withheldOf({ withheld }: Guarded): readonly PlanItem[] {
  return withheld.map(({ item }) => item);
}

/** The tasks, where nothing is left in those of which all that was said is kept now. */
function withoutWritten(
  { tasks, said }: SettledTasks,
  done: readonly PlanItem[],
  open: readonly PlanItem[],
): readonly Task[] {
  if (tasks.length === 0) return tasks;
  const tasksOf = (items: readonly PlanItem[]) => new Set(items.flatMap((item) => said?.(item) ?? []));
  const written = tasksOf(done).difference(tasksOf(open));
  return tasks.map((task) => (written.has(task) ? withDone(task, { has: () => true }) : task));
}

/** Why items are withheld for as long as neither manifests, nor tasks, nor their store change. */
const lasting: ReadonlySet<WithheldKind> = new Set<WithheldKind>([
  "Protected",
  "Boundary",
  "Observe",
  "NotAllowed",
  "Task",
  "Rejected",
]);

/** What a run leaves: the identities that the next one must look at again, whatever a scan sees, and what stands of them as it was planned. */
export function leftAfter(
  { model }: Pick<TargetLane, "model">,
  plan: Plan,
  { withheld }: Guarded,
  applied: Applied | undefined,
): Pick<TargetLane, "open" | "standing"> {
  const open = new Set(plan.findings.flatMap((finding) => finding.identity ?? []));
  const undone = applied && [
    ...applied.left,
    ...(applied.handed ?? []),
    ...applied.failed.map(({ item }) => item),
  ];
  const items = withheld.map(({ item }) => item);
  for (const { identity } of undone ? [...undone, ...items] : plan.items)
    if (identity !== "") open.add(identity);
  const stands = model.tasks && undone?.length === 0 && withheld.every(({ kind }) => lasting.has(kind));
  return { open, standing: stands ? { items, findings: plan.findings } : undefined };
}
