import type { PlanItem } from "../model/change.ts";
import { getOrAdd } from "../model/maps.ts";
import type { AttributeDelta } from "../model/values.ts";
import { accountItem, wave } from "./item.ts";

type AccountPlanItem = Extract<PlanItem, { kind: "account" }>;

/**
 * Puts accounts that name other accounts (a manager) into waves after those they name. Where the naming goes round in a
 * circle, the accounts in it are created without, and get the attribute in a late wave. A generator, as planning is.
 */
export function* orderByReference(
  items: readonly PlanItem[],
  digestKey: string,
): Generator<void, readonly PlanItem[]> {
  if (!items.some((item) => item.kind === "account" && item.after)) return items;
  const creates = new Map<string, AccountPlanItem>();
  for (const item of items)
    if (item.kind === "account" && item.operation === "Create") creates.set(item.identity, item);
  if (creates.size === 0) return items;
  const levels = yield* levelsOf(creates);
  // All of one account's changes are one modification: what holds up its update holds up the rest.
  const late = new Map<string, number>();
  const placed = (item: PlanItem): readonly PlanItem[] => {
    if (item.kind !== "account" || !item.after) return [item];
    const named = item.after.filter((identity) => creates.has(identity));
    if (named.length === 0) return [item];
    if (item.operation === "Update") {
      const last = Math.max(...named.map((identity) => levels.get(identity) ?? 0));
      late.set(item.identity, wave.Accounts + last + 1);
      return [item];
    }
    const level = levels.get(item.identity);
    return level === undefined ? split(item, digestKey) : [{ ...item, wave: wave.Accounts + level }];
  };
  const ordered: PlanItem[] = [];
  for (const item of items) {
    ordered.push(...placed(item));
    yield;
  }
  if (late.size === 0) return ordered;
  return ordered.map((item) => {
    const after =
      item.kind === "account" && item.wave === wave.Accounts ? late.get(item.identity) : undefined;
    return after === undefined ? item : { ...item, wave: after };
  });
}

/** The length of the longest chain of creates that each create waits for; absent for those in a circle, or behind one. */
function* levelsOf(
  creates: ReadonlyMap<string, AccountPlanItem>,
): Generator<void, ReadonlyMap<string, number>> {
  const waits = new Map<string, number>();
  const waiters = new Map<string, string[]>();
  const levels = new Map<string, number>();
  let ready: string[] = [];
  for (const [identity, item] of creates) {
    const needs = (item.after ?? []).filter((other) => creates.has(other));
    waits.set(identity, needs.length);
    for (const other of needs) getOrAdd(waiters, other, () => []).push(identity);
    if (needs.length === 0) ready.push(identity);
    yield;
  }
  for (let level = 0; ready.length > 0; level++) {
    const next: string[] = [];
    for (const identity of ready) {
      levels.set(identity, level);
      for (const waiter of waiters.get(identity) ?? []) {
        const left = (waits.get(waiter) ?? 0) - 1;
        waits.set(waiter, left);
        if (left === 0) next.push(waiter);
      }
      yield;
    }
    ready = next;
  }
  return levels;
}

/** A create without its references, and an update that sets them when all accounts are there. */
function split(item: AccountPlanItem, digestKey: string): PlanItem[] {
  const isReference = (delta: AttributeDelta) => delta.reference === true;
  const { kind: _, hash: __, after, ...rest } = item;
  const create = accountItem(
    { ...rest, attributes: item.attributes.filter((delta) => !isReference(delta)) },
    digestKey,
  );
  const update = accountItem(
    {
      ...rest,
      operation: "Update",
      wave: wave.Late,
      attributes: item.attributes.filter(isReference),
      ...(after ? { after } : {}),
    },
    digestKey,
  );
  return [create, update];
}
