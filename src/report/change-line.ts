import type { PlanItem, ReasonChain } from "../core/model/change.ts";
import { changeOf, type Image } from "./patch.ts";

/** What a change does, in the words that people count by: an update that renames is a rename. */
export const actions = [
  "adopt",
  "create",
  "update",
  "rename",
  "enable",
  "grant",
  "disable",
  "revoke",
  "delete",
  "forget",
] as const;
export type Action = (typeof actions)[number];

/** One change as plans and outcomes show it (docs/plan-json.md): plain data, sensitive values masked. */
export interface ChangeLine {
  readonly hash: string;
  readonly action: Action;
  readonly operation: PlanItem["operation"];
  readonly of: PlanItem["kind"];
  /** The identity's `id`; empty for an entitlement itself. */
  readonly identity: string;
  /** What the store calls the account, or will. */
  readonly name: string;
  readonly anchor?: string;
  readonly entitlement?: string;
  readonly rename?: string;
  /** Of a create: the anchor of the deleted account that the store may bring back. */
  readonly formerly?: string;
  readonly before: Image;
  /** RFC 6902, from `before`. */
  readonly patch: readonly unknown[];
  readonly reversible: boolean;
  readonly reasons: readonly ReasonChain[];
  /** An adoption that is only applied when a person has seen it. */
  readonly proposed?: true;
  /** Follows from what vanished or was edited at this time (RFC 3339): applied by itself only once that has settled. */
  readonly unsettledSince?: string;
  readonly emergency?: true;
}

export function changeLine(item: PlanItem): ChangeLine {
  return {
    hash: item.hash,
    action: actionOf(item),
    operation: item.operation,
    of: item.kind,
    identity: item.identity,
    name: item.name,
    ...(item.anchor === undefined ? {} : { anchor: item.anchor }),
    ...(item.kind === "membership" ? { entitlement: item.entitlementName } : {}),
    ...(item.kind === "account" && item.rename !== undefined ? { rename: item.rename } : {}),
    ...(item.kind === "account" && item.formerly !== undefined ? { formerly: item.formerly } : {}),
    ...changeOf(item),
    reversible: item.reversible,
    reasons: item.reasons,
    ...(item.kind !== "entitlement" && item.proposed ? { proposed: true } : {}),
    ...(item.unsettledSince === undefined
      ? {}
      : { unsettledSince: new Date(item.unsettledSince).toISOString() }),
    ...(item.emergency ? { emergency: true } : {}),
  };
}

export function actionOf(item: PlanItem): Action {
  if (item.kind === "account" && item.operation === "Update" && item.rename !== undefined) return "rename";
  return item.operation.toLowerCase() as Action;
}

/** How many there are of each action; those that there are none of are left out. */
export type Counts = Readonly<Partial<Record<Action, number>>>;

export function countsOf(items: readonly PlanItem[]): Counts {
  const counts = new Map<Action, number>();
  for (const item of items) counts.set(actionOf(item), (counts.get(actionOf(item)) ?? 0) + 1);
  return Object.fromEntries(
    actions.flatMap((action) => (counts.has(action) ? [[action, counts.get(action)]] : [])),
  );
}
