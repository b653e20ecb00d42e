import type { Unknowns } from "../access/access.ts";
import type { DesiredAccount } from "../desired/desired.ts";
import type { AccountRecord, EntitlementRecord, LoginTrouble } from "../model/account.ts";
import type { PlanItem } from "../model/change.ts";
import type { FormerAccount, Holding, Link } from "../model/link.ts";

/** All that is known of one identity in one target: the input of every decision about it. */
export interface AccountCase {
  /** The identity's `id`. */
  readonly identity: string;
  readonly desired: DesiredAccount;
  readonly link: Link | undefined;
  /** The linked account as read now; `null`: completely read, and not there; undefined: not read this time. */
  readonly record: AccountRecord | null | undefined;
  /** For identities without a link: what correlation may choose from. */
  readonly candidates: readonly AccountRecord[];
  /** For identities without a link: the account that they had last, which is gone. */
  readonly former?: FormerAccount | undefined;
  /** A person pinned the identity to this anchor. */
  readonly pinned: string | undefined;
  readonly holdings: readonly Holding[];
  /** What of its access is unknown; absent where there is no identity to decide about. */
  readonly unknown?: Unknowns | undefined;
  /** What its password is to be, where that stands somewhere: a digest of it, or why it cannot be read. */
  readonly password?: { readonly version: string } | { readonly held: string } | undefined;
}

/** An identity, as far as it takes to tell whose account is whose. */
export interface Subject extends Pick<AccountCase, "identity" | "desired" | "candidates" | "pinned"> {
  readonly link: Pick<Link, "anchor" | "name"> | undefined;
}

/** The entitlements of a target as read now. */
export interface Entitlements {
  /** By reference key; null: completely read, and not there. */
  readonly byKey: ReadonlyMap<string, EntitlementRecord | null>;
  /** Member keys by anchor, for those whose members were read. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly names: ReadonlyMap<string, string>;
  /** By anchor: why neither they nor their members may be changed. */
  readonly protected: ReadonlyMap<string, string>;
}

export type FindingKind =
  /** Something is unknown: nothing is granted, nothing removed. */
  | "Held"
  /** Two claims on one thing: a person must decide. */
  | "Conflict"
  /** Waits for something that is under way, or for a time. */
  | "Pending"
  /** A mapped value differs and is only reported. */
  | "Drift"
  /** Somebody else disabled, deleted or re-enabled an account. */
  | "Outside"
  /** An account that is somebody's by a match rule and that nobody may change: it is left alone. */
  | "Protected"
  /** An account that no identity explains. */
  | "Orphan"
  /** What the store lacks, or what is wrong with it, for this target: of no account of its own. */
  | "Store";

/** Something a person should know, and that no item does anything about. */
export interface Finding {
  readonly kind: FindingKind;
  readonly target: string;
  readonly identity?: string;
  readonly name?: string;
  readonly message: string;
}

/** What is decided for one account: items to apply, findings to report, and the link or ledger to write where nothing needs doing in the store. */
export interface Verdict {
  items: PlanItem[];
  findings: Finding[];
  /** The link as it is. */
  known?: Link;
  /** What the account, which was read, is like, whatever comes of the items. */
  seen?: { readonly protected: string | undefined; readonly trouble: readonly LoginTrouble[] };
  /** What the ledger says that it holds. */
  held?: readonly Holding[];
  /** The link as it should be remembered once no account item is left to do. */
  link?: Link;
  holdings: Holding[];
  dropHoldings: Holding[];
}

export function verdict(): Verdict {
  return { items: [], findings: [], holdings: [], dropHoldings: [] };
}

/** Gives back what its lists have to spare, once it is decided: there is one for everybody. From here on lists are replaced. */
export function trim(out: Verdict): void {
  out.items = trimmed(out.items);
  out.findings = trimmed(out.findings);
  out.holdings = trimmed(out.holdings);
  out.dropHoldings = trimmed(out.dropHoldings);
}

const nothing: readonly never[] = Object.freeze([]);

function trimmed<T>(list: T[]): T[] {
  return list.length === 0 ? (nothing as never[]) : list.slice();
}

/** Whether there is anything in it. */
export function says({ items, findings, link, holdings, dropHoldings }: Verdict): boolean {
  return link !== undefined || [items, findings, holdings, dropHoldings].some((list) => list.length > 0);
}
