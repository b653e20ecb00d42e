import type { PlanItem } from "../model/change.ts";
import type { Withheld } from "./withheld.ts";

/**
 * What cannot be done because something it stands on is withheld: the account's create or adoption, that of an account it names,
 * the entitlement's create; and so on, from wave to wave.
 */
export function prune(
  items: readonly PlanItem[],
  withheld: readonly Withheld[],
): { free: PlanItem[]; blocked: Withheld[] } {
  const missing = new Map<string, Withheld>();
  const unmade = new Map<string, Withheld>();
  for (const each of withheld) {
    const { item } = each;
    if (each.kind === "Task") continue; // People make what stands on it together with it.
    if (item.kind === "account" && (item.operation === "Create" || item.operation === "Adopt"))
      missing.set(item.identity, each);
    else if (item.kind === "entitlement" && item.operation === "Create") unmade.set(item.name, each);
  }
  if (missing.size + unmade.size === 0) return { free: [...items], blocked: [] };
  const standsOn = (item: PlanItem): Withheld | undefined => {
    if (item.kind === "entitlement") return undefined;
    const own = missing.get(item.identity);
    if (own) return own;
    if (item.kind === "membership")
      return item.entitlementAnchor === undefined ? unmade.get(item.entitlementName) : undefined;
    return item.after?.map((identity) => missing.get(identity)).find((each) => each !== undefined);
  };
  const blocked = new Map<PlanItem, Withheld>();
  for (const item of items.toSorted((a, b) => a.wave - b.wave)) {
    const on = standsOn(item);
    if (!on) continue;
    const reason = `waits for ${on.item.operation} of ${on.item.name}: ${on.reason}`;
    blocked.set(item, { item, kind: "Blocked", reason });
    if (item.operation === "Create") missing.set(item.identity, { item, kind: "Blocked", reason: on.reason });
  }
  return { free: items.filter((item) => !blocked.has(item)), blocked: [...blocked.values()] };
}
