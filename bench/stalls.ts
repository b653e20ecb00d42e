import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

const resolution = 10;

/** Does the work and gives, beside its answer, the longest time (ms) for which nothing else had a turn meanwhile. */
export async function longestStall<T>(work: () => Promise<T>): Promise<{ answer: T; stall: number }> {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // The first interval is measured from the timer's second turn on.
  await sleep(3 * resolution);
  delay.reset();
  const answer = await work();
  await sleep(3 * resolution);
  delay.disable();
  // The histogram holds the time from one turn to the next, which is the resolution when nothing stalls.
  return { answer, stall: Math.max(0, delay.max / 1e6 - resolution) };
}
