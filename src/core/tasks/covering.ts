import type { PlanItem } from "../model/change.ts";
import { effectsOf } from "./effects.ts";
import { subjectOfItem, subjectOfTask, type Task } from "./task.ts";

/** The live task in which people have all that a change brings about already; the newest, where there are several. */
export type Covering = (item: PlanItem) => Task | undefined;

export function covering(tasks: readonly Task[], digestKey: string): Covering {
  const bySubject = Map.groupBy(tasks, subjectOfTask);
  return (item) => {
    const own = bySubject.get(subjectOfItem(item));
    if (!own) return undefined;
    const effects = effectsOf(item, digestKey);
    if (effects.length === 0) return undefined;
    return own
      .filter((task) => effects.every((effect) => task.effects.includes(effect)))
      .reduce<Task | undefined>((last, task) => (last && last.opened > task.opened ? last : task), undefined);
  };
}
