import type { Snapshot } from "../../core/kinds/resource.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { closeAll } from "../../core/tasks/reconcile.ts";
import type { State } from "../../state/state.ts";

/** Withdraws the tasks of targets that are proved to be gone: nobody looks any more at what becomes of them. `now` in ms. */
export async function closeTasksOfGone(state: State, snapshot: Snapshot, now: number): Promise<void> {
  const live = await state.tasks();
  const targets = new Set(live.map(({ target }) => target));
  const gone = new Set([...targets].filter((target) => isGone(snapshot, target, now)));
  if (gone.size === 0) return;
  await state.finish({
    tasks: closeAll(
      live.filter(({ target }) => gone.has(target)),
      now,
    ).put,
  });
}

/** As everything that has vanished: for as long as the target itself says that it takes to settle. */
function isGone({ objects, unknown, unread }: Snapshot, target: string, now: number): boolean {
  const inForce = objects.Target.get(target);
  if (!inForce) return !unread.has("Target") && !unknown.has(`Target/${target}`);
  const { resource, standing } = inForce;
  return standing.status === "Vanished" && now - standing.at >= parseDuration(resource.spec.limits.settle);
}
