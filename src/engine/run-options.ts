import type { Shown } from "../core/plan/guard.ts";

/** How a target is run. */
export interface RunOptions {
  /** Stop before apply: a plan is a lane that stops there. */
  readonly planOnly: boolean;
  /** Items that a person was shown; only these are applied, where given. */
  readonly shown: Shown | undefined;
  /** Compare every account, not only those whose version changed. */
  readonly full: boolean;
  /** Scan the store first; false: only what is already known to be dirty. */
  readonly pass: boolean;
  /** The target is in quarantine: one change is tried, this one of those that could be. */
  readonly trial?: number;
  /** The state was lost: accounts are linked anew by name, too. */
  readonly rebuild?: boolean;
}
