import jsonPatch from "fast-json-patch";
import type { PlanItem } from "../core/model/change.ts";
import { passwordText } from "../core/model/password.ts";
import type { AttributeDelta, Values } from "../core/model/values.ts";

/** What of an account (or membership) an item changes, as a document: the pre-image and the post-image of a plan line. */
export interface Image {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly attributes?: Readonly<Record<string, Values>>;
  /** Where a password that is set comes from, or goes to: never itself, and no digest of it. */
  readonly password?: string;
  readonly entitlements?: readonly string[];
}

/** What stands in the place of a sensitive value. One that takes the place of another is marked, so that the change is seen. */
export const mask = "••••••";
const changedMask = `${mask} (changed)`;

export function isMasked(value: string): boolean {
  return value === mask || value === changedMask;
}

/** Sensitive values as they are shown: how many there are, and no more. */
export function masked(values: Values): Values {
  return values.map(() => mask);
}

/** The item as documents before and after, sensitive values masked. */
export function images(item: PlanItem): { readonly before: Image; readonly after: Image } {
  if (item.kind === "membership") {
    const held = { entitlements: [item.entitlementName] };
    const none = { entitlements: [] };
    return item.operation === "Grant"
      ? { before: none, after: held }
      : item.operation === "Revoke"
        ? { before: held, after: none }
        : { before: held, after: held };
  }
  const attributes = (side: "before" | "after") =>
    Object.fromEntries(
      item.attributes
        .map((delta) => [delta.name, shown(delta, side)] as const)
        .filter(([, values]) => values.length > 0),
    );
  const password = item.kind === "account" && item.password ? { password: passwordText(item.password) } : {};
  switch (item.operation) {
    case "Create":
      return {
        before: {},
        after: {
          name: item.name,
          ...(item.kind === "account" ? { enabled: true } : {}),
          attributes: attributes("after"),
          ...password,
        },
      };
    case "Delete":
      return { before: { name: item.name, attributes: attributes("before") }, after: {} };
    case "Enable":
      return { before: { enabled: false }, after: { enabled: true, ...password } };
    case "Disable":
      return { before: { enabled: true }, after: { enabled: false } };
    case "Adopt":
    case "Forget":
      return { before: {}, after: {} };
    case "Update": {
      const rename = item.kind === "account" ? item.rename : undefined;
      return {
        before: { ...(rename === undefined ? {} : { name: item.name }), attributes: attributes("before") },
        after: {
          ...(rename === undefined ? {} : { name: rename }),
          attributes: attributes("after"),
          ...password,
        },
      };
    }
  }
}

/** The item's image before, and its change as an RFC 6902 patch from there to the image after. */
export function changeOf(item: PlanItem): { readonly before: Image; readonly patch: readonly unknown[] } {
  const { before, after } = images(item);
  return { before, patch: patchBetween(before, after) };
}

/** What `compare` says. Where there was nothing, each member is added, and nothing needs to be compared or copied. */
export function patchBetween(before: Image, after: Image): readonly unknown[] {
  if (Object.keys(before).length > 0) return jsonPatch.compare(before, after);
  return Object.entries(after).map(([name, value]) => ({ op: "add", path: `/${name}`, value }));
}

/** The image after, from the image before and the patch that a journal line or an intent holds. It shares the patch's values. */
export function applyPatch(before: Image, patch: readonly unknown[]): Image {
  return jsonPatch.applyPatch(before, patch as jsonPatch.Operation[], false, false).newDocument;
}

function shown(delta: AttributeDelta, which: "before" | "after"): Values {
  if (which === "after" && delta.pending !== undefined) return [`(${delta.pending})`];
  const values = delta[which];
  if (!delta.sensitive) return values;
  return values.map(() => (which === "after" && delta.before.length > 0 ? changedMask : mask));
}
