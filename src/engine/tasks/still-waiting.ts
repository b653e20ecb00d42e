import { sha256 } from "../../core/model/hash.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Task } from "../../core/tasks/task.ts";
import { due, whoWaits } from "../suspects.ts";
import type { TargetLane } from "../target-lane.ts";

/**
 * What a store is asked when it is asked what people have done: of an answer to the same question nothing new is to be learnt. Undefined
 * where the store cannot say whether it has changed.
 */
export function questionOf(storeMarker: string | undefined, tasks: readonly Task[]): string | undefined {
  if (storeMarker === undefined) return undefined;
  const asked = tasks.map(({ name, phase, items, effects, marker }) => [
    ...[name, phase, effects, marker],
    items.map(({ item }) => item),
  ]);
  return sha256(JSON.stringify([storeMarker, asked]));
}

/**
 * The plan of a run for which there is nothing but what waits for people already, while neither the store nor the tasks have changed: what
 * the last run planned of it. Undefined where anybody else is to be looked at: who waits is planned with them, since two may want the same.
 */
export function stillWaiting(
  lane: TargetLane,
  now: number,
): { readonly plan: Plan; readonly examined: ReadonlySet<string> } | undefined {
  const { waiting, everything, open, dirty } = lane;
  if (waiting.length === 0 || everything || open.size + dirty.size > 0) return undefined;
  for (const _ of due(lane, now)) return undefined;
  return {
    plan: { items: waiting, findings: [], verdicts: new Map() },
    examined: whoWaits(lane),
  };
}
