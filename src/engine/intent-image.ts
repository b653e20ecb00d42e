import { givenText } from "../core/model/password.ts";
import { applyPatch, type Image } from "../report/patch.ts";
import type { Intent } from "../state/state.ts";

/** The account (or entitlement) as the change was to leave it. */
export function imageAfter(intent: Intent): Image {
  return applyPatch(intent.before as Image, intent.patch);
}

/** A password that a person gave is known to nobody here: another in its place would be one that nobody asked for. */
export function isOursToSet(intent: Intent): boolean {
  const { password } = imageAfter(intent);
  return password !== undefined && password !== givenText;
}

export function entitlementName(intent: Intent): string {
  return imageAfter(intent).entitlements?.[0] ?? intent.entitlement ?? "";
}
