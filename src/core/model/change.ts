import type { AccountRecord, EntitlementRef } from "./account.ts";
import type { PasswordChange } from "./password.ts";
import type { AttributeDelta, Attributes } from "./values.ts";

/** The operations a target can allow. Renames and moves are updates. */
export const operations = ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"] as const;
export type Operation = (typeof operations)[number];

/** The operations that take something away from a person. They are what budgets bound. */
export const removals: ReadonlySet<Operation> = new Set<Operation>(["Disable", "Revoke", "Delete"]);

/** What is adopted or released changes state alone; nothing is written to the store. */
export type StateOperation = "Adopt" | "Forget";

/** One link in the chain that says why (law 10), from the outside in: `Grant alice-lab`, `BusinessRole research`, … */
export interface Reason {
  /** A kind's name, or `Lifecycle`, `Rule`, `Drift`, `Deprovision`, `Approval`, `Password`, `Person`. */
  readonly source: string;
  /** The object's name, empty where there is none. */
  readonly name: string;
  /** A short clause for people: `ended 2026-03-31`, `department is "Research"`. */
  readonly detail?: string;
}

/** A chain from the grant or role down to the entitlement; one entitlement may have several. */
export type ReasonChain = readonly Reason[];

interface ItemBase {
  /** SHA-256 over target, anchor or name, operation, pre-image and post-image: what an approval binds (law 6). */
  readonly hash: string;
  /** The hash it had while another store still had to assign a value: a plan that showed that one showed this item too. */
  readonly earlierHash?: string;
  readonly target: string;
  /** The identity's `id`. */
  readonly identity: string;
  /** Absent before the account exists. */
  readonly anchor?: string;
  /** The account's name as last seen, or the one it will get. */
  readonly name: string;
  readonly wave: number;
  readonly reasons: readonly ReasonChain[];
  /** Whether undoing it gives back what was there. */
  readonly reversible: boolean;
  /** Follows from an object that vanished or a policy that was edited at this time (ms): waits for `settle`. */
  readonly unsettledSince?: number;
  /** `emergency: Disable`: passes budgets and holds, up to its own limit. */
  readonly emergency?: boolean;
}

/** A change of one account's record. */
export interface AccountItem extends ItemBase {
  readonly operation: "Create" | "Update" | "Enable" | "Disable" | "Delete" | StateOperation;
  readonly attributes: readonly AttributeDelta[];
  /** The new name, where an update renames or moves. */
  readonly rename?: string;
  /** Set with a create, an update or before an enable. */
  readonly password?: PasswordChange;
  /** A link is forgotten because its account is gone: counts as a removal. */
  readonly lost?: boolean;
  /** An adoption that a person has to have seen. */
  readonly proposed?: boolean;
  /** Identities whose accounts must exist first, because this one's attributes name them. */
  readonly after?: readonly string[];
  /** The record this was planned against; absent for a create. */
  readonly before?: AccountRecord;
  /** Of a create: the anchor of the account that was deleted, where the store may bring it back. */
  readonly formerly?: string;
}

/** A membership given or taken. */
export interface MembershipItem extends ItemBase {
  readonly operation: "Grant" | "Revoke" | StateOperation;
  readonly entitlement: EntitlementRef;
  /** An adoption that a person has to have seen. */
  readonly proposed?: boolean;
  /** Absent while the entitlement is still to be created (`ensure: true`). */
  readonly entitlementAnchor?: string;
  readonly entitlementName: string;
  /** Why neither may be changed: the account's protection, or the entitlement's. */
  readonly protected?: string;
}

/** An entitlement that a profile declares with `ensure: true`. */
export interface EntitlementItem extends Omit<ItemBase, "identity"> {
  readonly identity: "";
  readonly operation: "Create" | "Update";
  readonly entitlement: EntitlementRef;
  readonly attributes: readonly AttributeDelta[];
  readonly protected?: string;
}

export type PlanItem =
  | (AccountItem & { readonly kind: "account" })
  | (MembershipItem & { readonly kind: "membership" })
  | (EntitlementItem & { readonly kind: "entitlement" });

/** The values of a delta list on one side, as attributes. */
export function side(deltas: readonly AttributeDelta[], which: "before" | "after"): Attributes {
  return Object.fromEntries(deltas.map((delta) => [delta.name, delta[which]]));
}
