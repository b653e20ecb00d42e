import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Clock } from "./clock.ts";

/** Waits before something is sent. Throws `Retryable` when the call is aborted, or its deadline would pass meanwhile. */
export async function pause(clock: Clock, milliseconds: number, call: Call): Promise<void> {
  if (milliseconds <= 0) return;
  if (clock.now() + milliseconds > call.deadline) {
    throw new StoreError(
      "Retryable",
      `gave up waiting ${Math.ceil(milliseconds)} ms for the store: the deadline is nearer`,
    );
  }
  try {
    await clock.sleep(milliseconds, call.signal);
  } catch (cause) {
    throw new StoreError("Retryable", "stopped waiting for the store: the call was aborted", { cause });
  }
}
