import { setImmediate as nextTurn } from "node:timers/promises";

/** Long work is cut into slices of this many milliseconds, between which other work of the process gets its turn. */
const sliceLength = 20;

/** Used inside a long loop: `if (slices.over()) await slices.rest();` */
export interface Slices {
  over(): boolean;
  rest(): Promise<void>;
}

export function startSlices(): Slices {
  let began = performance.now();
  return {
    over: () => performance.now() - began > sliceLength,
    async rest() {
      await nextTurn();
      began = performance.now();
    },
  };
}
