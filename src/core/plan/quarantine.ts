import type { Guarded, Withheld } from "./guard.ts";
import { wave } from "./item.ts";

/**
 * What a target in quarantine may do: one change, taken in turn from those that stand on nothing else (`number` counts the tries, so
 * that one that can never be done does not keep the target in quarantine). What changes state alone is let through.
 */
export function tryOne(guarded: Guarded, number: number): Guarded {
  const ofState = guarded.items.filter((item) => item.wave === wave.State);
  const others = guarded.items.filter((item) => item.wave !== wave.State);
  const first = Math.min(...others.map((item) => item.wave));
  const ready = others.filter((item) => item.wave === first);
  const chosen = ready[number % ready.length];
  const reason = "most changes of the last runs failed: one is tried at a time, until one is done";
  const withheld = others.flatMap((item): Withheld[] =>
    item === chosen ? [] : [{ item, kind: "Quarantined", reason }],
  );
  return {
    ...guarded,
    items: chosen === undefined ? ofState : [...ofState, chosen],
    withheld: [...guarded.withheld, ...withheld],
  };
}
