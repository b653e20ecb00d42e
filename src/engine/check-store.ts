import { StoreError } from "../connectors/errors.ts";
import type { Finding } from "../core/plan/case.ts";
import { callFor, type Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";

/** Milliseconds that a check may take. */
const checkTimeout = 60_000;

/**
 * Asks the connector what is wrong with the store for this target: when the target is opened, and with each full comparison. It is told
 * and holds nothing up: what reads can be right all the same. A check that fails says nothing, since whatever follows meets the same.
 */
export async function checkStore(parts: Parts, lane: TargetLane, { full }: { readonly full: boolean }) {
  if (lane.problems !== undefined && !full) return;
  try {
    lane.problems = (await lane.connector.check(callFor(parts, checkTimeout))).problems;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    lane.problems = undefined;
  }
}

/** What the last check said, for reports. */
export function checkFindings({ model, problems }: TargetLane): readonly Finding[] {
  return (problems ?? []).map((message) => ({ kind: "Store", target: model.name, message }));
}
