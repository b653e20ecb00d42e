import type { LoginTrouble } from "./account.ts";
import type { ReasonChain } from "./change.ts";
import type { Attributes } from "./values.ts";

/**
 * The one authority for which account is whose. Unique on (target, identity) and on (store, anchor); a state holds one realm.
 */
export interface Link {
  readonly target: string;
  /** The identity's `id`. */
  readonly identity: string;
  readonly anchor: string;
  /** The account's name when it was last seen or changed. */
  readonly name: string;
  readonly origin: "Created" | "Adopted" | "Pinned";
  /** The values of the strong keys when it was linked: the same `id` with others is a conflict, not an heir. */
  readonly strongKeys: Readonly<Record<string, string>>;
  /** What Rollcall last made of the account. `Disabled` since `disabledAt` (ms): an enabled one can come from outside only. */
  readonly status: "Enabled" | "Disabled";
  readonly disabledAt?: number;
  /** The version of the record as read when it was found converged; undefined: must be fetched. */
  readonly seen?: string;
  /**
   * What it was found converged with: the hash of the desired account, a slash, and the hash of its entitlements, empty while those
   * are not. `None/None` where nothing is due.
   */
  readonly desired?: string;
  /** The mapped values last applied or found equal; digests where sensitive. */
  readonly applied: Attributes;
  /** Values decided once, at create, by mapping name: `unique(…)` and generated ones. */
  readonly decided: Attributes;
  /** The version of the password that Rollcall set last (see `PasswordChange`); absent where it has set none. */
  readonly password?: string;
  /** Why nobody may change the account, as the store said when it was last read. */
  readonly protected?: string;
  /** What kept it from logging in when it was last read. */
  readonly trouble?: readonly LoginTrouble[];
  /** Why the account is there. */
  readonly reasons: readonly ReasonChain[];
}

/** The account that an identity had last, and that is gone: a store that keeps what was deleted may bring it back. */
export type FormerAccount = Pick<Link, "target" | "identity" | "anchor" | "strongKeys">;

/** Undefined for one that nobody was allowed to change: it would come back with the rights that it had. */
export function formerAccount(link: Link): FormerAccount | undefined {
  const { target, identity, anchor, strongKeys } = link;
  return link.protected === undefined ? { target, identity, anchor, strongKeys } : undefined;
}

/** An entitlement's place in the ledger: who holds it through or beside Rollcall, and where that came from. */
export interface Holding {
  readonly target: string;
  readonly identity: string;
  /** The entitlement's anchor. */
  readonly entitlement: string;
  readonly name: string;
  /** Only `Granted` and `Adopted` are ever revoked; `Preexisting` was there before us. */
  readonly origin: "Granted" | "Adopted" | "Preexisting";
  readonly reasons: readonly ReasonChain[];
}
