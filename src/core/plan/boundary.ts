import { RE2JS } from "re2js";
import type { TargetModel } from "../desired/target-model.ts";
import type { PlanItem } from "../model/change.ts";
import { isAtOrBelow } from "../model/distinguished-name.ts";
import { normalise } from "../model/matching.ts";
import type { StoreSchema } from "../model/values.ts";

export interface OutOfBounds {
  readonly kind: "Protected" | "Boundary";
  readonly reason: string;
}

/** What may be out of bounds: an account, an entitlement, or one in the other. */
export interface BoundedSubject {
  /** Of all that is touched. */
  readonly names: readonly string[];
  /** Those of them that are an account's, or would become one's. */
  readonly accountNames: readonly string[];
  readonly anchor?: string | undefined;
  /** Why the store itself says that it may not be changed. */
  readonly protected?: string | undefined;
}

type Bounds = Pick<TargetModel, "storeSpec" | "schema">;

/** Makes the check that objects to what is protected, or lies, or would come to lie, outside the store's boundary. */
export function boundsOf({
  storeSpec,
  schema,
}: Bounds): (subject: BoundedSubject) => OutOfBounds | undefined {
  const form = (name: string) => normalise(schema.nameMatching, name);
  const protectedNames = new Set(storeSpec.protected.flatMap((entry) => [entry, form(entry)]));
  const bases = storeSpec.boundary?.bases;
  const patterns = storeSpec.boundary?.names?.map((pattern) => RE2JS.compile(pattern));
  return ({ names, accountNames, anchor, protected: why }) => {
    const kept =
      names.find((name) => protectedNames.has(form(name))) ??
      [anchor].find((each) => each !== undefined && protectedNames.has(each));
    if (kept !== undefined) return { kind: "Protected", reason: `${kept} is protected in its Store` };
    if (why !== undefined) return { kind: "Protected", reason: why };
    const outside =
      bases && names.find((name) => isDn(name, schema) && !bases.some((base) => isAtOrBelow(name, base)));
    if (outside !== undefined)
      return { kind: "Boundary", reason: `${outside} lies outside the bases of its Store` };
    const other = patterns && accountNames.find((name) => !patterns.some((pattern) => pattern.matches(name)));
    if (other !== undefined)
      return { kind: "Boundary", reason: `${other} matches none of the names of its Store's boundary` };
    return undefined;
  };
}

/** The same for items of a plan. A link that is forgotten changes nothing in the store. */
export function boundaryCheck(model: Bounds): (item: PlanItem) => OutOfBounds | undefined {
  const objectTo = boundsOf(model);
  return (item) => (item.operation === "Forget" ? undefined : objectTo(subjectOf(item)));
}

/** Why an account or entitlement may not be changed; undefined where it may. */
export function protection(
  model: Bounds,
): (thing: {
  readonly name: string;
  readonly anchor?: string;
  readonly protected?: string | undefined;
}) => string | undefined {
  const objectTo = boundsOf({ ...model, storeSpec: { ...model.storeSpec, boundary: undefined } });
  return (thing) => {
    const { name, anchor } = thing;
    return objectTo({ names: [name], accountNames: [], anchor, protected: storeSays(thing) })?.reason;
  };
}

/** Why the store itself says that this may not be changed, in a sentence. */
export function storeSays(thing: {
  readonly name: string;
  readonly protected?: string | undefined;
}): string | undefined {
  return thing.protected === undefined ? undefined : `${thing.name} may not be changed: ${thing.protected}`;
}

function subjectOf(item: PlanItem): BoundedSubject {
  const { name, anchor } = item;
  switch (item.kind) {
    case "entitlement":
      return { names: [name], accountNames: [], anchor, protected: item.protected };
    case "membership":
      return {
        names: [name, item.entitlementName],
        accountNames: [name],
        anchor,
        protected: item.protected,
      };
    case "account": {
      const names = item.rename === undefined ? [name] : [name, item.rename];
      const itself = anchor ?? item.formerly;
      return { names, accountNames: names, anchor: itself, protected: item.before && storeSays(item.before) };
    }
  }
}

/** Entitlements that are still to be created are known by a plain name; the connector puts them below its group base. */
function isDn(name: string, schema: StoreSchema): boolean {
  return schema.nameMatching === "distinguishedName" && name.includes("=");
}
