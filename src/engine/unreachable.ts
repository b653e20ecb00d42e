import type { StoreError } from "../connectors/errors.ts";
import { planHash } from "../core/plan/item.ts";
import type { TargetReport } from "./run.ts";

/** The report of a target that could not be opened. */
export function unreachable(target: string, store: string, error: StoreError): TargetReport {
  return {
    target,
    store,
    hash: planHash([]),
    guarded: { items: [], withheld: [], holds: [], counts: new Map() },
    findings: [],
    examined: new Set(),
    holds: [],
    applied: undefined,
    tasks: { live: [], events: [] },
    linked: undefined,
    orphans: new Map(),
    error,
  };
}
