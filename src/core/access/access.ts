import type { EntitlementRef } from "../model/account.ts";
import type { Reason, ReasonChain } from "../model/change.ts";

/** What one identity should have in one target. */
export interface TargetAccess {
  /** Why there should be an account; empty where nothing says so. */
  readonly account: readonly ReasonChain[];
  /** By `entitlementKey`. */
  readonly entitlements: ReadonlyMap<string, EntitlementAccess>;
  /** Over the entitlements: which, why, and what is declared of them. */
  readonly entitlementsHash: string;
}

export interface EntitlementAccess {
  readonly ref: EntitlementRef;
  readonly reasons: readonly ReasonChain[];
  /** Set where a profile declares that the entitlement should exist. */
  readonly ensure?: { readonly attributes: Readonly<Record<string, readonly string[]>> };
}

/**
 * What is unknown for one identity, and so must be neither granted nor removed (law 4). Where it is known which targets or
 * entitlements it would have been, only those are held; a reference that dangles could be to anything: all are.
 */
export interface Unknowns {
  readonly all: readonly string[];
  /** Reason by target: the account there may be due. */
  readonly accounts: ReadonlyMap<string, string>;
  /** Reason by target and entitlement key. */
  readonly entitlements: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** What rules and grants give, and what of it is unknown. */
export interface AccessByRule {
  readonly targets: ReadonlyMap<string, TargetAccess>;
  readonly unknown: Unknowns;
}

/** Everything decided for one identity at one moment. Identities for whom all rules answer alike share what these give. */
export interface IdentityAccess extends AccessByRule {
  /** The proof that nothing is due: the identity has left, or has not begun. */
  readonly inactive: Reason | undefined;
  readonly emergency: boolean;
  /** When the identity's object vanished (ms). */
  readonly vanishedAt: number | undefined;
  /** When time alone changes this decision (ms). */
  readonly changesAt: number | undefined;
}
