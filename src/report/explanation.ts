import type { AccessChange } from "../core/access/compare.ts";
import type { LoginTrouble } from "../core/model/account.ts";
import type { ReasonChain } from "../core/model/change.ts";
import type { Values } from "../core/model/values.ts";
import type { ChangeLine } from "./change-line.ts";

/** Why one identity has what it has: the format of `explain -o json`. Sensitive values are masked. */
export interface Explanation {
  readonly format: "rollcall.dev/explanation/v1";
  /** RFC 3339. */
  readonly at: string;
  readonly revision: string;
  readonly identity: {
    readonly name: string;
    readonly id: string;
    /** `people/alice.yaml:3` */
    readonly declaredAt?: string;
    readonly standing: "Current" | "Held" | "Vanished";
    readonly standingReason?: string;
    readonly active: boolean;
    /** Why it is not active. */
    readonly inactive?: string;
  };
  /** What cannot be told, so that nothing is removed. */
  readonly unknown: readonly string[];
  /** What changes by itself, and when (RFC 3339), soonest first. */
  readonly timers: readonly Timer[];
  readonly targets: readonly TargetExplanation[];
  /** With `--if`: what would be otherwise. */
  readonly supposing?: Supposition;
}

export interface Timer {
  readonly at: string;
  readonly what: string;
}

export interface TargetExplanation {
  readonly target: string;
  readonly store: string;
  /** Why the store could not be asked: what the manifests say is told all the same. */
  readonly error?: string;
  /** Why it was not to be asked: the target, or its store, is suspended. */
  readonly notRun?: string;
  /** Whether there should be an account. Cut: a person said there is none. Pending: it waits for another target's. */
  readonly account: "Yes" | "No" | "Cut" | "Held" | "Pending";
  /** Why there should be one. */
  readonly reasons: readonly ReasonChain[];
  /** Why there should be none, or why it cannot be told. */
  readonly because?: string;
  readonly name?: string;
  readonly nameFrom?: string;
  readonly link?: {
    readonly anchor: string;
    readonly name: string;
    readonly origin: string;
    readonly status: string;
  };
  /** Why nobody may change it, as the store says now. */
  readonly protected?: string;
  /** What keeps it from logging in, as the store says now. */
  readonly trouble?: readonly LoginTrouble[];
  readonly attributes: readonly AttributeExplanation[];
  readonly entitlements: readonly EntitlementExplanation[];
  /** What the next run would do, and what it would not, and why. */
  readonly changes: readonly (ChangeLine & {
    readonly withheld?: { readonly kind: string; readonly reason: string };
  })[];
  readonly findings: readonly { readonly kind: string; readonly message: string }[];
}

export interface AttributeExplanation {
  readonly name: string;
  /** The expression, or the fixed values. */
  readonly from: string;
  readonly apply: string;
  /** Absent where the mapping gives nothing, and so leaves the attribute alone. */
  readonly values?: Values;
  /** What the store has; absent where it could not be read. */
  readonly current?: Values;
}

export interface EntitlementExplanation {
  readonly name: string;
  readonly reasons: readonly ReasonChain[];
  /**
   * `Granted`, `Adopted`, `Preexisting`: she has it, and how that came. `NotYet`: she should. `Ending`: she has it, and should not.
   * `Held`: it cannot be told whether she should.
   */
  readonly state: "Granted" | "Adopted" | "Preexisting" | "NotYet" | "Ending" | "Held";
  readonly because?: string;
}

export interface Supposition {
  readonly edits: readonly string[];
  readonly active: boolean;
  readonly access: readonly AccessChange[];
  readonly values: readonly {
    readonly target: string;
    /** The attribute, or `name` for the account's own. */
    readonly name: string;
    readonly before: Values;
    readonly after: Values;
  }[];
  readonly unknown: readonly string[];
}
