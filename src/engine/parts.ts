import type { Call } from "../connectors/contract.ts";
import type { State } from "../state/state.ts";

/** The clock of the engine: the only place that time comes from. */
export interface EngineClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What has been done so far of something long, for people who wait. */
export interface Progress {
  readonly target: string;
  readonly step: "reading" | "planning" | "applying";
  readonly done: number;
  /** Undefined where it cannot be known. */
  readonly total: number | undefined;
}

/** What the engine is given to work with. */
export interface Parts {
  readonly state: State;
  readonly clock: EngineClock;
  /** Random and unique. */
  readonly newId: () => string;
  readonly progress: (progress: Progress) => void;
  /** Aborted when the work is to stop: the batch in hand is finished and journalled first. */
  readonly stop: AbortSignal;
}

/** A connector's call that may take `timeout` ms. It is not cut by `stop`: what was begun is finished. */
export function callFor(parts: Parts, timeout: number): Call {
  return { signal: AbortSignal.timeout(timeout), deadline: parts.clock.now() + timeout };
}
