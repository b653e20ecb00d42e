import type { Member, Outcome } from "../connectors/contract.ts";
import { StoreError } from "../connectors/errors.ts";
import type { PlanItem } from "../core/model/change.ts";
import type { DoneItem } from "./ledger.ts";
import type { Step } from "./store-changes.ts";
import type { TargetLane } from "./target-lane.ts";

export interface FailedItem {
  readonly item: PlanItem;
  readonly error: string;
  readonly kind: string;
}

/** The items of one batch by what came of them. */
export interface Sorted {
  readonly done: readonly DoneItem[];
  readonly failed: readonly FailedItem[];
  /** Sent, and nobody knows whether they were done. */
  readonly doubtful: readonly FailedItem[];
  /** The store is away, or will not have us: nothing more is tried. */
  readonly halts: boolean;
}

/** Sorts the items of a batch by the outcomes that came before it ended, well or with `broken`. */
export function sortOutcomes(
  lane: TargetLane,
  steps: readonly Step[],
  outcomes: ReadonlyMap<number, Outcome>,
  broken: StoreError | undefined,
): Sorted {
  const done: DoneItem[] = [];
  const failed: FailedItem[] = [];
  const doubtful: FailedItem[] = [];
  let halts = broken !== undefined;
  for (const { change, items } of steps) {
    const outcome = outcomes.get(change.id);
    if (outcome?.ok) {
      for (const item of items) {
        const settled = settle(lane, item, outcome);
        if ("error" in settled) failed.push(settled);
        else done.push(settled);
      }
      continue;
    }
    const error = outcome?.error ?? broken ?? new StoreError("InDoubt", "the store gave no outcome");
    if (error.kind === "Unavailable" || error.kind === "Unauthenticated") halts = true;
    // Without an outcome nobody knows what was done, whatever ended the call.
    const inDoubt = error.kind === "InDoubt" || outcome === undefined;
    const message = inDoubt
      ? `${error.message}; it is looked up before anything else is done`
      : error.message;
    for (const item of items)
      (inDoubt ? doubtful : failed).push({ item, error: message, kind: inDoubt ? "InDoubt" : error.kind });
  }
  return { done, failed, doubtful, halts };
}

function settle(lane: TargetLane, item: PlanItem, outcome: Outcome & { ok: true }): DoneItem | FailedItem {
  const { anchor, name, version } = outcome;
  const versioned = version === undefined ? {} : { version };
  if (item.kind !== "membership") {
    const owner = item.kind === "account" ? lane.index.at(anchor)?.identity : undefined;
    if (owner !== undefined && owner !== item.identity) return reused(item, anchor, owner);
    return { item, anchor, name, ...versioned };
  }
  const member = memberOf(lane, item);
  const refused = outcome.refused?.get(lane.connector.memberKey(member));
  if (refused) return { item, error: refused.message, kind: refused.kind };
  return { item, ...member, entitlement: { anchor, name, ...versioned } };
}

function memberOf(lane: TargetLane, item: PlanItem): Member {
  const link = lane.index.of(item.identity);
  return link ? { anchor: link.anchor, name: link.name } : { anchor: item.anchor ?? "", name: item.name };
}

/** The store gave a new account the id of one that is gone: the old link must go before the new one can be. */
function reused(item: PlanItem, anchor: string, owner: string): FailedItem {
  const error = `the store gave ${item.name} the id ${anchor}, which is linked to ${owner}: it is settled in a later pass, once that link is forgotten`;
  return { item, error, kind: "Conflict" };
}
