import type { PlanItem } from "../model/change.ts";
import { effectsOf } from "./effects.ts";
import { subjectOfItem, subjectOfTask, type Task } from "./task.ts";

/** The live task in which people have all that a change brings about already; one that was rejected, where there is one. */
export type Covering = (item: PlanItem) => Task | undefined;

export function covering(tasks: readonly Task[], digestKey: string): Covering {
  const bySubject = Map.groupBy(tasks, subjectOfTask);
  return (item) => {
    const own = bySubject.get(subjectOfItem(item));
    const effects = own ? effectsOf(item, digestKey) : [];
    if (!own || effects.length === 0) return undefined;
    const covers = own.filter((task) => effects.every((effect) => task.effects.includes(effect)));
    return covers.find(({ phase }) => phase === "Rejected") ?? covers[0];
  };
}
