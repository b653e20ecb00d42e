import type { Clock } from "../../src/connectors/wrap/clock.ts";

export interface ManualClock extends Clock {
  /** The lengths of all sleeps so far, in milliseconds. */
  readonly slept: readonly number[];
  /** Moves time on, and wakes who has slept enough. */
  advance(milliseconds: number): void;
}

/** Time that passes when the test says so; a sleep of up to `hurry` ms passes at once. */
export function manualClock({ hurry = Number.POSITIVE_INFINITY } = {}): ManualClock {
  let now = 1_000_000;
  const slept: number[] = [];
  const sleepers = new Set<{ until: number; wake: () => void }>();
  const advance = (milliseconds: number) => {
    now += milliseconds;
    for (const sleeper of sleepers) if (sleeper.until <= now) sleeper.wake();
  };
  return {
    slept,
    advance,
    now: () => now,
    sleep(milliseconds, signal) {
      slept.push(milliseconds);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = {
        until: now + milliseconds,
        wake() {
          sleepers.delete(sleeper);
          resolve();
        },
      };
      sleepers.add(sleeper);
      const stop = () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      if (milliseconds <= hurry && !signal.aborted) advance(milliseconds);
      return promise;
    },
  };
}
