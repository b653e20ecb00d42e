import type { PlanItem } from "../core/model/change.ts";
import { type FormerAccount, formerAccount, type Holding, type Link } from "../core/model/link.ts";
import type { Verdict } from "../core/plan/case.ts";
import type { Guarded } from "../core/plan/guard.ts";
import type { Plan } from "../core/plan/plan.ts";
import { withSeen } from "../core/plan/remember.ts";
import type { BatchResult } from "../state/state.ts";
import type { TargetLane } from "./target-lane.ts";

/** An item that was done, with the account as it is now; for a membership, the entitlement too. */
export interface DoneItem {
  readonly item: PlanItem;
  readonly anchor: string;
  readonly name: string;
  readonly version?: string;
  readonly entitlement?: { readonly anchor: string; readonly name: string; readonly version?: string };
}

export type Writes = Required<
  Pick<BatchResult, "links" | "unlink" | "formerAccounts" | "holdings" | "dropHoldings" | "entitlements">
>;

export function noWrites(): Writes {
  return {
    links: [],
    unlink: [],
    formerAccounts: [],
    holdings: [],
    dropHoldings: [],
    entitlements: [],
  };
}

/** Accounts whose convergence is remembered in one piece. */
const settledAtOnce = 500;

/**
 * Turns what was done into what the state should remember. An account counts as converged only when nothing of it is left:
 * no item undone or withheld, no finding. Until then every pass looks at it again.
 */
export class Ledger {
  readonly #lane: TargetLane;
  readonly #verdicts: Map<string, Verdict>;
  /** Items still to be done, withheld ones included, by identity. */
  readonly #accountItems = new Map<string, number>();
  readonly #memberItems = new Map<string, number>();
  /** The same by entitlement name. */
  readonly #entitlementItems = new Map<string, number>();

  constructor(lane: TargetLane, plan: Plan) {
    this.#lane = lane;
    this.#verdicts = plan.verdicts;
  }

  /** Takes in what is to be done. A generator, as planning is. */
  *expect({ items, withheld }: Guarded): Generator<void, void> {
    for (const item of items) {
      this.#count(item, 1);
      yield;
    }
    for (const { item } of withheld) this.#count(item, 1);
  }

  write(done: readonly DoneItem[]): Writes {
    const writes = noWrites();
    const touched = new Map<string, DoneItem>();
    for (const each of done) {
      const { item } = each;
      this.#count(item, -1);
      if (item.kind === "entitlement") continue;
      if (item.operation === "Forget" || item.operation === "Delete") {
        put(writes.unlink, { target: item.target, identity: item.identity });
        const gone = this.#gone(item);
        if (gone) put(writes.formerAccounts, gone);
      } else if (item.kind === "account" || !touched.has(item.identity)) touched.set(item.identity, each);
      if (item.kind === "membership") this.#membership(each, writes);
    }
    for (const [identity, each] of touched) {
      const link = this.#link(identity, each, done);
      if (link) put(writes.links, link);
    }
    return writes;
  }

  /**
   * What needs no change in the store, only to be remembered: accounts found converged, reasons that changed, and at last entitlements
   * looked at. In pieces, each to be kept before the next is asked for; there may be nothing in one.
   */
  *settle(entitlements: readonly { anchor: string; name: string; version: string }[]): Generator<Writes> {
    let writes = noWrites();
    // Whose drift could not be dealt with keeps its entitlements from counting as looked at.
    const unsettled = new Set<string>();
    let examined = 0;
    for (const [identity, { items, link, known, seen, held, holdings, dropHoldings }] of this.#verdicts) {
      if (++examined % settledAtOnce === 0) {
        yield writes;
        writes = noWrites();
      }
      // In an emergency memberships are not looked at: what somebody took meanwhile is found when it ends.
      if (!this.#converged(identity) || link?.desired === "Disabled/Disabled")
        for (const { entitlement } of held ?? []) unsettled.add(entitlement);
      for (const holding of holdings) put(writes.holdings, holding);
      for (const holding of dropHoldings) put(writes.dropHoldings, holding);
      if (!known) continue;
      const settled = items.length === 0 && this.#converged(identity) ? link : this.#departed(identity, link);
      const next = settled ?? (dropHoldings.length > 0 ? this.#reopened(identity) : undefined) ?? known;
      const told = seen ? withSeen(next, seen) : next;
      if (JSON.stringify(told) !== JSON.stringify(known)) put(writes.links, told);
    }
    for (const each of entitlements)
      if ((this.#entitlementItems.get(each.name) ?? 0) === 0 && !unsettled.has(each.anchor))
        put(writes.entitlements, { target: this.#lane.model.name, ...each });
    yield writes;
  }

  /** Brings the lane's memory up to what the state now holds. `now` in ms. */
  commit(writes: Writes, now: number): void {
    const { index, choices, entitlements, model, written } = this.#lane;
    for (const { identity } of writes.unlink) index.drop(identity);
    for (const link of writes.links) {
      if (model.schema.lag > 0) written.set(link.identity, now);
      index.put(link);
      choices.put(link.identity, link.decided);
    }
    for (const { target: _, ...seen } of writes.entitlements) entitlements.set(seen.anchor, seen);
  }

  /** The account that goes with the link; one that is only cut stays where it is. */
  #gone(item: PlanItem): FormerAccount | undefined {
    const known = this.#verdicts.get(item.identity)?.known;
    const isGone = item.operation === "Delete" || (item.kind === "account" && item.lost);
    return isGone ? known && formerAccount(known) : undefined;
  }

  #count(item: PlanItem, by: number): void {
    if (item.kind === "account") add(this.#accountItems, item.identity, by);
    else if (item.kind === "membership") {
      add(this.#memberItems, item.identity, by);
      add(this.#entitlementItems, item.entitlementName, by);
    } else add(this.#entitlementItems, item.name, by);
  }

  #converged(identity: string): boolean {
    return !this.#verdicts.get(identity)?.findings.some((finding) => finding.kind !== "Pending");
  }

  #link(identity: string, each: DoneItem, done: readonly DoneItem[]): Link | undefined {
    const wanted = this.#verdicts.get(identity)?.link;
    if (!wanted) return undefined;
    const known = this.#lane.index.of(identity);
    const { anchor, name } = each;
    const { seen: _, desired: __, disabledAt: ___, ...rest } = wanted;
    const finished = (this.#accountItems.get(identity) ?? 0) <= 0 && this.#converged(identity);
    const whole = finished && (this.#memberItems.get(identity) ?? 0) <= 0;
    const memberOnly = each.item.kind === "membership";
    // Its account was remembered already, or is still to be done.
    if (memberOnly && !whole) return each.item.operation === "Revoke" ? this.#reopened(identity) : undefined;
    const adopted = each.item.kind === "account" && each.item.operation === "Adopt";
    const seen = memberOnly ? known?.seen : adopted ? wanted.seen : each.version;
    const status = this.#status(identity, wanted, done);
    const given = each.item.kind === "account" ? each.item.password?.version : undefined;
    // Another account has another.
    const password = given ?? (known?.anchor === anchor ? known.password : undefined) ?? wanted.password;
    // Nothing is left to be asked of it: while a plan of everybody is carried out, what is remembered of them grows.
    if (whole) this.#verdicts.delete(identity);
    const disabledAt = status === "Disabled" ? (known?.disabledAt ?? wanted.disabledAt) : undefined;
    return {
      ...rest,
      anchor,
      name,
      status,
      ...(password === undefined ? {} : { password }),
      ...(disabledAt === undefined ? {} : { disabledAt }),
      ...(finished && seen !== undefined ? { seen } : {}),
      ...(finished && wanted.desired !== undefined
        ? { desired: whole ? wanted.desired : `${wanted.desired.split("/")[0]}/` }
        : {}),
    };
  }

  /** The link of an account that is disabled since it is due no longer: its grace period has begun, whatever it holds still. */
  #departed(identity: string, link: Link | undefined): Link | undefined {
    if (link?.desired !== "None/None" || (this.#accountItems.get(identity) ?? 0) > 0) return undefined;
    return { ...link, desired: "None/" };
  }

  /** The link of an account that has lost an entitlement: what it was found converged with is true no longer. */
  #reopened(identity: string): Link | undefined {
    const known = this.#verdicts.get(identity)?.known;
    const { desired } = this.#lane.index.of(identity) ?? {};
    if (!known || desired === undefined || desired !== known.desired || desired.endsWith("/"))
      return undefined;
    return { ...known, desired: `${desired.split("/")[0]}/` };
  }

  /** Enabled or disabled as it was made, not as it was wanted: the item that would have made it so may have been withheld. */
  #status(identity: string, wanted: Link, done: readonly DoneItem[]): Link["status"] {
    if ((this.#accountItems.get(identity) ?? 0) <= 0) return wanted.status;
    const last = done.findLast(
      ({ item }) =>
        item.identity === identity && (item.operation === "Enable" || item.operation === "Disable"),
    );
    if (last) return last.item.operation === "Enable" ? "Enabled" : "Disabled";
    return this.#lane.index.of(identity)?.status ?? "Enabled";
  }

  #membership({ item, entitlement }: DoneItem, writes: Writes): void {
    if (item.kind !== "membership") return;
    const anchor = entitlement?.anchor ?? item.entitlementAnchor;
    if (anchor === undefined) return;
    const { target, identity, entitlementName, reasons } = item;
    // As the store calls it: one that was made just now was wanted by a plainer name.
    const name = entitlement?.name ?? entitlementName;
    if (item.operation === "Revoke") put(writes.dropHoldings, { target, identity, entitlement: anchor });
    else {
      const origin: Holding["origin"] = item.operation === "Adopt" ? "Adopted" : "Granted";
      put(writes.holdings, { target, identity, entitlement: anchor, name, origin, reasons });
    }
    const settled = (this.#entitlementItems.get(entitlementName) ?? 0) <= 0;
    // Without a version it is watched all the same: it differs from any, so the next pass reads the members.
    const version = settled ? (entitlement?.version ?? "") : "";
    put(writes.entitlements, { target, anchor, name, version });
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

export function put<T>(list: readonly T[], value: T): void {
  (list as T[]).push(value);
}
