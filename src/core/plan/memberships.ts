import type { EntitlementAccess, Unknowns } from "../access/access.ts";
import type { MembershipItem, ReasonChain } from "../model/change.ts";
import type { Holding } from "../model/link.ts";
import type { AccountCase, Entitlements, Verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { membershipItem, wave } from "./item.ts";

/** What the membership diff needs to know of the account beyond its case. */
export interface Holder {
  /** The account's name now, or the one it will get. */
  readonly name: string;
  /** Absent while the account is still to be created. */
  readonly anchor?: string;
  /** How the store's member lists call it; absent with the anchor. */
  readonly memberKey?: string;
  /** Whether the account is being created, so that it holds nothing yet. */
  readonly fresh: boolean;
  /** Why the account may not be changed. */
  readonly protected?: string | undefined;
}

/**
 * Decides which entitlements one account gains and loses.
 *
 * ```
 *  wanted  ledger           in the store  what happens
 *  ──────  ───────────────  ────────────  ──────────────────────────────────────────────
 *  yes     any              no            Grant
 *  yes     none, Preexist.  yes           Adopt: from now on it is ours to revoke; not where either is protected
 *  yes     Granted, Adopt.  yes, not read nothing; its reasons are kept up to date
 *  no      Granted, Adopt.  yes           Revoke; not from a leaver whose target says revoke: None
 *  no      Granted, Adopt.  no            dropped from the ledger
 *  no      Preexisting      any           left alone, dropped from the ledger
 *  held    any              any           nothing, reported
 *  any     any              not read      nothing
 * ```
 */
export function diffMemberships(
  context: PlanContext,
  one: AccountCase,
  holder: Holder,
  unknown: Unknowns,
  entitlements: Entitlements,
  out: Verdict,
): void {
  if (one.desired.presence !== "Present" && one.desired.presence !== "None") return;
  const wanted =
    one.desired.presence === "Present" ? one.desired.entitlements : new Map<string, EntitlementAccess>();
  const wantedAnchors = new Set<string>();
  for (const [key, access] of wanted) {
    const record = entitlements.byKey.get(key);
    if (record === undefined) continue;
    if (record === null && !access.ensure) {
      out.findings.push(
        finding(
          context,
          one,
          `${key} does not exist in the store: nobody can be given it; create it, or let its profile say ensure: true`,
        ),
      );
      continue;
    }
    if (record) wantedAnchors.add(record.anchor);
    give(context, one, holder, access, record?.anchor, record?.name ?? access.ref.name, entitlements, out);
  }
  for (const holding of one.holdings)
    if (!wantedAnchors.has(holding.entitlement))
      take(context, one, holder, holding, unknown, entitlements, out);
}

function give(
  context: PlanContext,
  one: AccountCase,
  holder: Holder,
  access: EntitlementAccess,
  anchor: string | undefined,
  name: string,
  entitlements: Entitlements,
  out: Verdict,
): void {
  const holding = one.holdings.find((each) => each.entitlement === anchor);
  const members = anchor === undefined ? undefined : entitlements.members.get(anchor);
  // An account being created holds nothing, whatever was read; an entitlement being created has no members.
  const isMember =
    holder.fresh || anchor === undefined
      ? false
      : members && holder.memberKey !== undefined
        ? members.has(holder.memberKey)
        : undefined;
  const isOurs = holding !== undefined && holding.origin !== "Preexisting";
  if (isMember !== false && isOurs && JSON.stringify(holding.reasons) !== JSON.stringify(access.reasons))
    out.holdings.push({ ...holding, name, reasons: access.reasons });
  if (isMember === undefined) return;
  const base = item(context, one, holder, access.reasons, anchor, name, access.ref, entitlements);
  if (!isMember) {
    const reasons = isOurs
      ? [[{ source: "Drift", name: "", detail: "taken away by somebody else" }], ...access.reasons]
      : access.reasons;
    out.items.push(membershipItem({ ...base, reasons, operation: "Grant", wave: wave.Grants }));
  } else if (!isOurs) {
    // What may not be changed is not ours to revoke one day.
    if (context.model.spec.accounts.adopt !== "Never" && base.protected === undefined)
      out.items.push(
        membershipItem({
          ...base,
          operation: "Adopt",
          wave: wave.State,
          ...(context.model.spec.accounts.adopt === "Propose" ? { proposed: true } : {}),
        }),
      );
    else if (!holding && anchor !== undefined)
      out.holdings.push(preexisting(context, one, anchor, name, access.reasons));
  }
}

function take(
  context: PlanContext,
  one: AccountCase,
  holder: Holder,
  holding: Holding,
  unknown: Unknowns,
  entitlements: Entitlements,
  out: Verdict,
): void {
  const reason =
    one.desired.presence === "None" ? undefined : heldBy(context.model.name, holding, unknown, entitlements);
  if (reason !== undefined) {
    out.findings.push(finding(context, one, `keeps ${holding.name}: ${reason}`));
    return;
  }
  if (holding.origin === "Preexisting") {
    out.dropHoldings.push(holding);
    return;
  }
  // Stays ours all the same: should the account be wanted again, it is decided anew.
  if (one.desired.presence === "None" && context.model.spec.deprovision.revoke === "None") return;
  const members = entitlements.members.get(holding.entitlement);
  if (!members || holder.memberKey === undefined) {
    if (entitlements.names.has(holding.entitlement)) return; // It exists and was not read this time.
    out.dropHoldings.push(holding);
    return;
  }
  if (!members.has(holder.memberKey)) {
    out.dropHoldings.push(holding);
    return;
  }
  const { desired } = one;
  const why: ReasonChain =
    desired.presence === "None" ? desired.why : [{ source: "Rule", name: "", detail: ended(holding) }];
  const name = entitlements.names.get(holding.entitlement) ?? holding.name;
  const ref = { name, by: "Name" } as const;
  const base = item(context, one, holder, [why], holding.entitlement, name, ref, entitlements);
  const unsettled = desired.presence === "None" ? desired.unsettledSince : context.policyChangedAt;
  out.items.push(
    membershipItem({
      ...base,
      operation: "Revoke",
      wave: wave.Revokes,
      ...(unsettled === undefined ? {} : { unsettledSince: unsettled }),
    }),
  );
}

/** Why it was held: law 10 asks for what has ended, not only that something has. */
function ended({ reasons }: Holding): string {
  const givers = new Set(
    reasons.flatMap(([giver]) => (giver ? [`${giver.source} ${giver.name}`.trim()] : [])),
  );
  return givers.size === 0 ? "nothing gives it any longer" : `no longer given by ${[...givers].join(" or ")}`;
}

/** Why a holding that nothing gives now must stay all the same: something that might give it is unknown. */
function heldBy(
  target: string,
  holding: Holding,
  unknown: Unknowns,
  entitlements: Entitlements,
): string | undefined {
  if (unknown.all[0] !== undefined) return unknown.all[0];
  for (const [key, reason] of unknown.entitlements.get(target) ?? [])
    if (entitlements.byKey.get(key)?.anchor === holding.entitlement) return reason;
  return undefined;
}

function item(
  context: PlanContext,
  one: AccountCase,
  holder: Holder,
  reasons: readonly ReasonChain[],
  anchor: string | undefined,
  name: string,
  entitlement: MembershipItem["entitlement"],
  entitlements: Entitlements,
): Omit<MembershipItem, "hash" | "operation" | "wave"> {
  const why = holder.protected ?? (anchor === undefined ? undefined : entitlements.protected.get(anchor));
  return {
    target: context.model.name,
    identity: one.identity,
    name: holder.name,
    ...(holder.anchor === undefined ? {} : { anchor: holder.anchor }),
    reasons,
    reversible: true,
    entitlement,
    entitlementName: name,
    ...(anchor === undefined ? {} : { entitlementAnchor: anchor }),
    ...(why === undefined ? {} : { protected: why }),
  };
}

function preexisting(
  context: PlanContext,
  one: AccountCase,
  anchor: string,
  name: string,
  reasons: readonly ReasonChain[],
): Holding {
  const { identity } = one;
  return { target: context.model.name, identity, entitlement: anchor, name, origin: "Preexisting", reasons };
}

function finding(context: PlanContext, one: AccountCase, message: string) {
  return { kind: "Held" as const, target: context.model.name, identity: one.identity, message };
}
