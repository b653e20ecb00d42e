import { sha256 } from "../../core/model/hash.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { Task } from "../../core/tasks/task.ts";
import { due } from "../suspects.ts";
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
 * The plan of the last run, while neither the store nor the tasks have changed since, and nobody was edited or has come to a time: it would be
 * the same again. Whose plan it is, is planned together, since two may want the same.
 */
export function planStanding(
  lane: TargetLane,
  {
    unchanged,
    pass,
    now,
  }: { readonly unchanged: string | undefined; readonly pass: boolean; readonly now: number },
): { readonly plan: Plan; readonly examined: ReadonlySet<string> } | undefined {
  const { standing, everything, open, dirty, observation } = lane;
  if (unchanged === undefined || !standing || everything || dirty.size > 0) return undefined;
  // What an edit has had asked of the tasks was no scan of the others.
  if (pass && observation?.marker !== unchanged) return undefined;
  for (const _ of due(lane, now)) return undefined;
  return { plan: { ...standing, verdicts: new Map() }, examined: open };
}
