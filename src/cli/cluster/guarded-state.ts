import { StateError } from "../../state/errors.ts";
import type { Batch, State } from "../../state/state.ts";
import type { Leadership } from "./leadership.ts";

/** Milliseconds that have to be left when a batch is begun. A Lease lasts 4 s longer than its holder believes. */
export const margin = 2_000;

/**
 * The state of a process that leads: a batch is begun with time left alone, so that a process that was stopped for a while can at most
 * finish what it had committed. Refused as `Unavailable`, which the controller waits for: it passes with the next renewal, or with
 * leadership.
 */
export function guardedState(state: State, leadership: Pick<Leadership, "timeLeft">): State {
  const begin = async (batch: Batch) => {
    if (leadership.timeLeft() < margin) throw noTime(state.place);
    await state.begin(batch);
    // Committing may have taken longer than there was time: what was intended is looked up by whoever leads next.
    if (leadership.timeLeft() === 0) throw noTime(state.place);
  };
  return new Proxy(state, {
    get(target, key) {
      if (key === "begin") return begin;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function noTime(place: string): StateError {
  const cause = "the lease that lets this process lead has run out or is about to";
  const cure = "it is tried again when the API server has renewed it";
  return new StateError("Unavailable", `cannot begin a batch in state ${place}: ${cause}; ${cure}`);
}
