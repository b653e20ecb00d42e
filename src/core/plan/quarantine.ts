import type { PlanItem } from "../model/change.ts";
import type { Guarded } from "./guard.ts";
import { wave } from "./item.ts";
import type { Withheld } from "./withheld.ts";

/**
 * What a target in quarantine may do: one change, taken in turn from those that stand on nothing else (`number` counts the tries, so
 * that one that can never be done does not keep the target in quarantine). Emergencies, and what changes state alone, are let through.
 */
export function tryOne(guarded: Guarded, number: number): Guarded {
  const isFree = (item: PlanItem) => item.wave === wave.State || item.emergency === true;
  const free = guarded.items.filter(isFree);
  const others = guarded.items.filter((item) => !isFree(item));
  const first = Math.min(...others.map((item) => item.wave));
  const ready = others.filter((item) => item.wave === first);
  const chosen = ready[number % ready.length];
  const reason = "most changes of the last runs failed: one is tried at a time, until one is done";
  const withheld = others.flatMap((item): Withheld[] =>
    item === chosen ? [] : [{ item, kind: "Quarantined", reason }],
  );
  return {
    ...guarded,
    items: chosen === undefined ? free : [...free, chosen],
    withheld: [...guarded.withheld, ...withheld],
  };
}
