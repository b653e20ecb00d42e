import type { Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";

/** Outcomes that say that nothing was sent, so that nothing is in doubt. Throws what is no `StoreError`. */
export function unsent(changes: readonly StoreChange[], error: unknown): readonly Outcome[] {
  if (!(error instanceof StoreError)) throw error;
  return changes.map(({ id }) => ({ id, ok: false, error }));
}
