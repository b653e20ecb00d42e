import type { AccountRecord } from "../model/account.ts";
import type { AccountItem, EntitlementItem, MembershipItem, PlanItem } from "../model/change.ts";
import { keyedDigest, sha256 } from "../model/hash.ts";
import type { AttributeDelta, Values } from "../model/values.ts";

/** Where an item stands in the order of work. Creates with references come one wave per step of the chain after `Accounts`. */
export const wave = {
  State: 0,
  Emergency: 5,
  Accounts: 10,
  Late: 900,
  Entitlements: 1000,
  Grants: 1001,
  Revokes: 2000,
  Deletes: 3000,
} as const;

type Unhashed<T> = Omit<T, "hash" | "earlierHash">;

/** Stamps an account item with its hash: target, anchor or name, operation, pre-image and post-image (law 6). */
export function accountItem(item: Unhashed<AccountItem>, digestKey: string): PlanItem {
  const subject = [
    item.target,
    item.anchor ?? item.name,
    item.operation,
    item.identity,
    item.before?.enabled ?? null,
    item.rename ?? null,
    ...(item.formerly === undefined ? [] : [{ formerly: item.formerly }]),
    ...(item.password === undefined ? [] : [item.password]),
  ];
  const hash = stamp([...subject, shown(item.attributes, digestKey)]);
  if (!item.attributes.some((delta) => delta.assigned !== undefined))
    return { kind: "account", ...item, hash };
  const unassigned = item.attributes.map((delta) =>
    delta.assigned === undefined ? delta : { ...delta, pending: delta.assigned },
  );
  return { kind: "account", ...item, hash, earlierHash: stamp([...subject, shown(unassigned, digestKey)]) };
}

export function membershipItem(item: Unhashed<MembershipItem>): PlanItem {
  const subject = [item.target, item.anchor ?? item.name, item.operation, item.identity];
  return {
    kind: "membership",
    ...item,
    hash: stamp([...subject, item.entitlementAnchor ?? item.entitlementName]),
  };
}

export function entitlementItem(item: Unhashed<EntitlementItem>): PlanItem {
  return {
    kind: "entitlement",
    ...item,
    hash: stamp([item.target, item.anchor ?? item.name, item.operation, shown(item.attributes, "")]),
  };
}

function stamp(parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts));
}

function shown(deltas: readonly AttributeDelta[], digestKey: string): readonly unknown[] {
  return deltas.map(({ name, before, after, sensitive, pending }) => {
    const value = (values: Values) => (sensitive ? keyedDigest(digestKey, JSON.stringify(values)) : values);
    return [name, value(before), pending ?? value(after)];
  });
}

/** The hash of a whole plan: over its applicable items, in whatever order they were found. */
export function planHash(items: readonly PlanItem[]): string {
  return sha256(
    items
      .map((item) => item.hash)
      .sort()
      .join("\n"),
  );
}

/** The identifying part that all items of one account share. */
export function subjectOf(
  target: string,
  identity: string,
  account: Pick<AccountRecord, "anchor" | "name"> | { name: string },
) {
  return { target, identity, name: account.name, ...("anchor" in account ? { anchor: account.anchor } : {}) };
}
