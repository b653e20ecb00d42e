import type { PlanItem } from "../core/model/change.ts";
import { changeOf } from "../report/patch.ts";
import type { Intent, JournalEntry } from "../state/state.ts";

/** A plan item as the journal will tell it, before its outcome is known. */
export function intentOf(
  item: PlanItem,
  at: number,
  revision: string,
  approvedBy: string | undefined,
): Intent {
  const { before, patch } = changeOf(item);
  return {
    at,
    revision,
    target: item.target,
    identity: item.identity,
    // Of a create: the account that it may bring back.
    anchor: item.anchor ?? (item.kind === "account" ? item.formerly : undefined) ?? "",
    name: item.name,
    operation: item.operation,
    item: item.hash,
    reasons: item.reasons,
    patch,
    before: { ...before },
    ...(item.kind === "membership" ? { entitlement: item.entitlementAnchor ?? item.entitlementName } : {}),
    ...(item.kind === "entitlement" ? { entitlement: item.anchor ?? item.name } : {}),
    ...(approvedBy === undefined ? {} : { approvedBy }),
  };
}

/** The line that is kept: the intent with what came of it. */
export function lineOf(
  intent: Intent,
  outcome: {
    readonly result: JournalEntry["result"];
    readonly error?: string;
    readonly anchor?: string;
    readonly name?: string;
  },
): Omit<JournalEntry, "seq"> {
  const { result, error, anchor, name } = outcome;
  return {
    ...intent,
    result,
    ...(error === undefined ? {} : { error }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(name === undefined ? {} : { name }),
  };
}
