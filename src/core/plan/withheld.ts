import type { PlanItem } from "../model/change.ts";

export type WithheldKind =
  | "Protected"
  | "Boundary"
  | "Observe"
  | "Task"
  | "Rejected"
  | "NotAllowed"
  | "NotShown"
  | "Proposed"
  | "Settling"
  | "Budget"
  | "Blocked"
  | "Quarantined";

/** An item that is not applied now, and why. */
export interface Withheld {
  readonly item: PlanItem;
  readonly kind: WithheldKind;
  readonly reason: string;
}
