import type { PlanItem } from "../model/change.ts";
import { keyedDigest, sha256 } from "../model/hash.ts";
import type { AttributeDelta, Values } from "../model/values.ts";

/**
 * What a change brings about, piece by piece, whatever was there before: so that what is left of a change that people have made in part is
 * known as what they were asked for. None for what changes the state alone.
 */
export function effectsOf(item: PlanItem, digestKey: string): readonly string[] {
  const { operation, name } = item;
  if (operation === "Adopt" || operation === "Forget") return [];
  if (item.kind === "membership") return [effect(operation, item.entitlementName)];
  const values = item.attributes.map((delta) => effect("Set", delta.name, after(delta, digestKey)));
  switch (operation) {
    case "Create":
      return [effect("Create", name), ...values];
    case "Update":
      return [...values, ...(item.kind === "account" && item.rename ? [effect("Rename", item.rename)] : [])];
    default:
      return [effect(operation)]; // What else goes with an account that is deleted does not matter.
  }
}

/** That an attribute has these sensitive values. */
export function sensitiveEffect(attribute: string, values: Values, digestKey: string): string {
  return effect("Set", attribute, keyedDigest(digestKey, JSON.stringify(values)));
}

function after({ after, sensitive, pending }: AttributeDelta, digestKey: string): unknown {
  if (pending !== undefined) return { pending };
  return sensitive ? keyedDigest(digestKey, JSON.stringify(after)) : after;
}

function effect(...parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts));
}
