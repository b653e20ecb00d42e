import type { EntitlementAccess } from "../access/access.ts";
import type { PlanItem } from "../model/change.ts";
import { sameValues } from "../model/matching.ts";
import { attributeKey } from "../model/values.ts";
import type { Entitlements } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { entitlementItem, wave } from "./item.ts";

/** Entitlements that a profile declares with `ensure: true`: created where missing, their declared attributes kept. */
export function ensureEntitlements(
  context: PlanContext,
  declared: ReadonlyMap<string, EntitlementAccess>,
  entitlements: Pick<Entitlements, "byKey" | "protected">,
): readonly PlanItem[] {
  const items: PlanItem[] = [];
  for (const [key, access] of declared) {
    const record = entitlements.byKey.get(key);
    if (record === undefined) continue;
    const { schema } = context.model;
    const attributes = Object.entries(access.ensure?.attributes ?? {})
      .map(([name, after]) => ({ name, before: record?.attributes[name] ?? [], after }))
      .filter(
        (delta) =>
          !sameValues(
            schema.attributes.get(attributeKey(schema, delta.name)) ?? { matching: "caseExact" },
            delta.before,
            delta.after,
          ),
      );
    if (record && attributes.length === 0) continue;
    const kept = record ? entitlements.protected.get(record.anchor) : undefined;
    items.push(
      entitlementItem({
        target: context.model.name,
        identity: "",
        ...(record ? { anchor: record.anchor } : {}),
        name: record?.name ?? access.ref.name,
        operation: record ? "Update" : "Create",
        wave: wave.Entitlements,
        entitlement: access.ref,
        attributes,
        reasons: access.reasons.slice(0, 1),
        reversible: true,
        ...(kept === undefined ? {} : { protected: kept }),
      }),
    );
  }
  return items;
}
