import { RE2JS } from "re2js";
import type { StoreSpec } from "../kinds/kinds.ts";
import type { PlanItem } from "../model/change.ts";
import { isAtOrBelow } from "../model/distinguished-name.ts";
import { normalise } from "../model/matching.ts";
import type { StoreSchema } from "../model/values.ts";

export interface OutOfBounds {
  readonly kind: "Protected" | "Boundary";
  readonly reason: string;
}

/** Makes the check that objects to an item whose account or entitlement is protected, or lies, or would come to lie, outside the store's boundary. */
export function boundaryCheck(
  store: StoreSpec,
  schema: StoreSchema,
): (item: PlanItem) => OutOfBounds | undefined {
  const form = (name: string) => normalise(schema.nameMatching, name);
  const protectedNames = new Set(store.protected.flatMap((entry) => [entry, form(entry)]));
  const bases = store.boundary?.bases;
  const patterns = store.boundary?.names?.map((pattern) => RE2JS.compile(pattern));
  return (item) => {
    const names = namesOf(item);
    const kept =
      names.find((name) => protectedNames.has(form(name))) ??
      [item.anchor].find((anchor) => anchor !== undefined && protectedNames.has(anchor));
    if (kept !== undefined) return { kind: "Protected", reason: `${kept} is protected in its Store` };
    const outside =
      bases && names.find((name) => isDn(name, schema) && !bases.some((base) => isAtOrBelow(name, base)));
    if (outside !== undefined)
      return { kind: "Boundary", reason: `${outside} lies outside the bases of its Store` };
    const other =
      patterns && accountNames(item).find((name) => !patterns.some((pattern) => pattern.matches(name)));
    if (other !== undefined)
      return { kind: "Boundary", reason: `${other} matches none of the names of its Store's boundary` };
    return undefined;
  };
}

function namesOf(item: PlanItem): readonly string[] {
  return item.kind === "membership"
    ? [item.name, item.entitlementName]
    : item.kind === "entitlement"
      ? [item.name]
      : accountNames(item);
}

function accountNames(item: PlanItem): readonly string[] {
  if (item.kind === "entitlement") return [];
  return item.kind === "account" && item.rename !== undefined ? [item.name, item.rename] : [item.name];
}

/** Entitlements that are still to be created are known by a plain name; the connector puts them below its group base. */
function isDn(name: string, schema: StoreSchema): boolean {
  return schema.nameMatching === "distinguishedName" && name.includes("=");
}
