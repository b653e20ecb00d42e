import type { PlanItem } from "../model/change.ts";
import type { Verdict } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { accountItem } from "./item.ts";

type AccountPlanItem = Extract<PlanItem, { kind: "account" }>;

/**
 * No account names one that is not there and is not made by this plan either: the wanted name may be somebody else's. The
 * attribute waits, and is told; all else goes on.
 */
export function* holdReferences(
  { model, digestKey }: PlanContext,
  isLinked: (identity: string) => boolean,
  verdicts: ReadonlyMap<string, Verdict>,
): Generator<void, void> {
  const comes = (identity: string) =>
    isLinked(identity) ||
    verdicts.get(identity)?.items.some(({ operation }) => operation === "Create" || operation === "Adopt");
  for (const [identity, out] of verdicts) {
    yield;
    for (const [place, item] of out.items.entries().toArray().reverse()) {
      if (item.kind !== "account") continue;
      const absent = item.after?.find((other) => !comes(other));
      if (absent === undefined) continue;
      out.items = out.items.toSpliced(place, 1, ...withoutReferences(item, digestKey));
      const names = item.attributes.flatMap(({ name, reference }) => (reference ? [name] : []));
      const message = `${names.join(" and ")} names the account of ${absent}, which is not there`;
      const held = { kind: "Held", target: model.name, identity, name: item.name, message } as const;
      out.findings = [...out.findings, held];
    }
  }
}

/** The item with all that names nobody; nothing, where that is nothing. */
function withoutReferences(item: AccountPlanItem, digestKey: string): readonly PlanItem[] {
  const { kind: _, hash: __, earlierHash: ___, after: ____, ...rest } = item;
  const attributes = item.attributes.filter(({ reference }) => !reference);
  if (item.operation === "Update" && attributes.length === 0 && item.rename === undefined) return [];
  return [accountItem({ ...rest, attributes }, digestKey)];
}
