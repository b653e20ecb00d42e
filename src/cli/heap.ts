import { setFlagsFromString } from "node:v8";

/**
 * Per cent by which the heap may outgrow what was found alive in it before all of it is collected again. Left to itself V8 lets it grow to four
 * times that (`heap_growing_percent` in its flag-definitions.h) and gives nothing back while there is work; this costs a few per cent of the
 * processor time of a first run.
 */
const growth = 100;

/** To be called before there is anything in the heap. A limit, as `--max-old-space-size` sets one, holds all the same. */
export function boundHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}
