import type { PlanItem } from "../model/change.ts";
import { getOrAdd } from "../model/maps.ts";
import type { Entitlements, Verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";

type Membership = Extract<PlanItem, { kind: "membership" }>;

/**
 * For a store where every entitlement must have a member (RFC 4519 groupOfNames): where a plan would take all of them and give it to
 * nobody, the last one stays, and is told. All others go.
 */
export function* keepLastMembers(
  { model }: PlanContext,
  entitlements: Entitlements,
  verdicts: ReadonlyMap<string, Verdict>,
): Generator<void, void> {
  const revokes = new Map<string, { readonly item: Membership; readonly of: Verdict }[]>();
  const given = new Set<string>();
  for (const of of verdicts.values()) {
    yield;
    for (const item of of.items) {
      if (item.kind !== "membership" || item.entitlementAnchor === undefined) continue;
      if (item.operation === "Grant") given.add(item.entitlementAnchor);
      else if (item.operation === "Revoke")
        getOrAdd(revokes, item.entitlementAnchor, () => []).push({ item, of });
    }
  }
  for (const [anchor, list] of revokes) {
    const last = list.at(-1);
    if (!last || given.has(anchor) || (entitlements.members.get(anchor)?.size ?? 0) > list.length) continue;
    const { item, of } = last;
    of.items = of.items.filter((each) => each !== item);
    const message = `stays the last member of ${item.entitlementName}, which needs one: name a filler in the target, or give it to somebody else`;
    const { identity, name } = item;
    of.findings = [...of.findings, { kind: "Held", target: model.name, identity, name, message }];
  }
}
