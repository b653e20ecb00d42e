import { type Operation, removals, type StateOperation } from "../../core/model/change.ts";
import { StateError } from "../../state/errors.ts";
import type { Batch, BatchResult, State } from "../../state/state.ts";
import type { Leadership } from "./leadership.ts";

const takingAway: ReadonlySet<Operation | StateOperation> = removals;

/** Milliseconds that have to be left when a batch is begun. A Lease lasts 4 s longer than its holder believes. */
export const margin = 2_000;

/** What is known of whether all that changes is told; see `ClusterResources`. */
export interface Sight {
  cut(): string | undefined;
}

/**
 * The state of a process that leads: a batch is begun, and a budget taken from, with time left alone, so that a process that was stopped for
 * a while can at most finish what it had committed. While a watch is cut nothing is begun that takes something away, emergencies apart:
 * whoever it is taken from may have it again by now. Refused as `Unavailable`, which the controller waits for: it passes with the next
 * renewal or watch, or with leadership.
 */
export function guardedState(state: State, leadership: Pick<Leadership, "timeLeft">, sight: Sight): State {
  const begin = async (batch: Batch) => {
    const cut = takesAway(batch) ? sight.cut() : undefined;
    if (cut !== undefined) throw noSight(state.place, cut);
    if (leadership.timeLeft() < margin) throw noTime(state.place);
    await state.begin(batch);
    // Committing may have taken longer than there was time: what was intended is looked up by whoever leads next.
    if (leadership.timeLeft() === 0) throw noTime(state.place);
  };
  const finish = async (result: BatchResult) => {
    if (result.spent && leadership.timeLeft() < margin) throw noTime(state.place);
    await state.finish(result);
  };
  return new Proxy(state, {
    get(target, key) {
      if (key === "begin") return begin;
      if (key === "finish") return finish;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function takesAway({ intents, counts }: Batch): boolean {
  return intents.filter(({ operation }) => takingAway.has(operation)).length > (counts.Emergency ?? 0);
}

function noSight(place: string, cut: string): StateError {
  const cure = "it is tried again, see that the API server can be watched";
  return new StateError("Unavailable", `cannot begin a removal in state ${place}: ${cut}; ${cure}`);
}

function noTime(place: string): StateError {
  const cause = "the lease that lets this process lead has run out or is about to";
  const cure = "it is tried again when the API server has renewed it";
  return new StateError("Unavailable", `cannot begin a batch in state ${place}: ${cause}; ${cure}`);
}
