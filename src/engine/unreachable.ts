import type { StoreError } from "../connectors/errors.ts";
import type { Resource } from "../core/kinds/resource.ts";
import { planHash } from "../core/plan/item.ts";
import type { TargetReport } from "./run.ts";

/** The report of a target that could not be opened. */
export function unreachable(target: Resource<"Target">, error: StoreError): TargetReport {
  return {
    target: target.name,
    store: target.spec.store.name,
    hash: planHash([]),
    guarded: { items: [], withheld: [], holds: [], counts: new Map() },
    findings: [],
    examined: new Set(),
    holds: [],
    applied: undefined,
    linked: 0,
    orphans: new Map(),
    error,
  };
}
