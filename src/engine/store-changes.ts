import type { Member, StoreChange } from "../connectors/contract.ts";
import type { AccountItem, PlanItem } from "../core/model/change.ts";
import { side } from "../core/model/change.ts";
import { getOrAdd } from "../core/model/maps.ts";

/** A change for the store with the plan items it carries out. */
export interface Step {
  readonly change: StoreChange;
  readonly items: readonly PlanItem[];
}

/** What turning items into changes needs to know of the accounts made in earlier waves. */
export type Accounts = (identity: string) => Member | undefined;

/** How many members go into one change of an entitlement. */
const membersPerChange = 5000;

/** The changes of one wave: sets that are made one after the other, since no two changes of a set may be of the same entitlement. */
export interface WaveChanges {
  readonly sets: readonly (readonly Step[])[];
  /** Items whose account is not there, because its create failed. */
  readonly orphaned: readonly PlanItem[];
}

/** Turns the items of one wave into changes for the store: one an account, one (or, past 5,000 members, several) an entitlement. A generator, as planning is. */
export function* storeChanges(items: readonly PlanItem[], accountOf: Accounts): Generator<void, WaveChanges> {
  const accounts = new Map<string, (AccountItem & { kind: "account" })[]>();
  const members = new Map<string, PlanItem[]>();
  for (const item of items) {
    if (item.kind === "account") {
      const group = accounts.get(item.identity);
      // Of most there is one item, and a list that grew has room for seventeen.
      if (group) group.push(item);
      else accounts.set(item.identity, [item]);
    } else if (item.kind === "membership")
      getOrAdd(members, item.entitlementAnchor ?? `+${item.entitlementName}`, () => []).push(item);
    else getOrAdd(members, item.anchor ?? `+${item.name}`, () => []).push(item);
    yield;
  }
  const sets: Step[][] = [];
  const orphaned: PlanItem[] = [];
  let id = 0;
  for (const group of accounts.values()) {
    const change = accountChange(group, ++id, accountOf);
    if (change) getOrAddAt(sets, 0).push({ change, items: group });
    else orphaned.push(...group);
    yield;
  }
  for (const group of members.values()) {
    // The entitlement itself first: what creates it must be in the first of its changes.
    group.sort((a, b) => Number(b.kind === "entitlement") - Number(a.kind === "entitlement"));
    for (let start = 0; start < group.length; start += membersPerChange) {
      const step = memberChange(group.slice(start, start + membersPerChange), ++id, accountOf, orphaned);
      if (step) getOrAddAt(sets, start / membersPerChange).push(step);
      yield;
    }
  }
  return { sets, orphaned };
}

function getOrAddAt(sets: Step[][], place: number): Step[] {
  while (sets.length <= place) sets.push([]);
  return sets[place] as Step[];
}

function accountChange(
  items: readonly (AccountItem & { kind: "account" })[],
  id: number,
  accountOf: Accounts,
): StoreChange | undefined {
  const [first] = items;
  if (!first) return undefined;
  if (first.operation === "Create")
    return {
      id,
      kind: "create",
      name: first.name,
      attributes: side(first.attributes, "after"),
      enabled: true,
      ...(first.formerly === undefined ? {} : { formerly: first.formerly }),
    };
  const account =
    first.anchor === undefined ? accountOf(first.identity) : { anchor: first.anchor, name: first.name };
  if (!account) return undefined;
  // In an emergency it does not matter what else has changed.
  const expect = first.before && first.before.version !== "" ? { expect: first.before.version } : {};
  if (first.operation === "Delete") return { id, kind: "delete", ...account, ...expect };
  const update = items.find((item) => item.operation === "Update");
  const enabled = items.some((item) => item.operation === "Enable")
    ? true
    : items.some((item) => item.operation === "Disable")
      ? false
      : undefined;
  return {
    id,
    kind: "modify",
    ...account,
    attributes: update?.attributes ?? [],
    ...(update?.rename === undefined ? {} : { rename: update.rename }),
    ...(enabled === undefined ? {} : { enabled }),
    ...expect,
  };
}

function memberChange(
  items: readonly PlanItem[],
  id: number,
  accountOf: Accounts,
  orphaned: PlanItem[],
): Step | undefined {
  const add: Member[] = [];
  const remove: Member[] = [];
  const done: PlanItem[] = [];
  let entitlement: string | undefined;
  let name = "";
  let create: { attributes: Record<string, readonly string[]> } | undefined;
  let update: Extract<PlanItem, { kind: "entitlement" }>["attributes"] | undefined;
  for (const item of items) {
    if (item.kind === "account") continue;
    if (item.kind === "entitlement") {
      entitlement = item.anchor;
      name = item.name;
      if (item.operation === "Create") create = { attributes: { ...side(item.attributes, "after") } };
      else update = item.attributes;
      done.push(item);
      continue;
    }
    name = item.entitlementName;
    entitlement = item.entitlementAnchor;
    const account =
      accountOf(item.identity) ??
      (item.anchor === undefined ? undefined : { anchor: item.anchor, name: item.name });
    if (!account) {
      orphaned.push(item);
      continue;
    }
    (item.operation === "Grant" ? add : remove).push(account);
    done.push(item);
  }
  if (done.length === 0) return undefined;
  return {
    change: {
      id,
      kind: "members",
      entitlement,
      name,
      add,
      remove,
      ...(create ? { create } : {}),
      ...(update ? { update } : {}),
    },
    items: done,
  };
}
