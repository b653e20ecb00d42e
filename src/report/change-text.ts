import type { Action, ChangeLine } from "./change-line.ts";
import { applyPatch } from "./patch.ts";
import { plain, reasonsText, shortened } from "./words.ts";

const signs: Readonly<Record<Action, string>> = {
  adopt: "=",
  create: "+",
  update: "~",
  rename: "~",
  enable: "~",
  grant: "+",
  disable: "-",
  revoke: "-",
  delete: "-",
  forget: "=",
};

/** One change in lines for people: what, why, and each value before and after. */
export function changeText(change: ChangeLine): readonly string[] {
  const remarks = [
    ...(change.emergency ? ["emergency"] : []),
    ...(change.reversible ? [] : ["cannot be undone"]),
    ...(change.formerly === undefined
      ? []
      : [`the store may bring back the deleted account ${plain(change.formerly)}`]),
  ];
  const why = reasonsText(change.reasons);
  return [
    `${signs[change.action]} ${change.action.padEnd(7)} ${subject(change)}${remarks.length > 0 ? `  (${remarks.join("; ")})` : ""}`,
    ...valueLines(change).map((line) => `      ${line}`),
    ...(why === "" ? [] : [`      because ${why}`]),
  ];
}

/** `uid=ada,… (ada)`, for memberships `lab for uid=ada,… (ada)`. */
export function subject({ of, action, name, identity, entitlement, rename }: ChangeLine): string {
  if (of === "entitlement") return `entitlement ${plain(name)}`;
  const account = `${plain(name)}${rename === undefined ? "" : ` → ${plain(rename)}`}${identity === name ? "" : ` (${plain(identity)})`}`;
  if (entitlement === undefined) return account;
  return `${plain(entitlement)} ${action === "revoke" ? "from" : "for"} ${account}`;
}

/** One change in short: `grant lab for uid=ada`, `update uid=ada: mail, sn`. */
export function shortText(change: ChangeLine): string {
  const names = change.action === "update" ? attributesOf(change).map(plain).join(", ") : "";
  return `${change.action} ${subject(change)}${names === "" ? "" : `: ${shortened(names)}`}`;
}

/** The attributes that a change is of. */
export function attributesOf({ before, patch }: ChangeLine): readonly string[] {
  return Object.keys({ ...before.attributes, ...applyPatch(before, patch).attributes });
}

/** What values are to be there: `room: 12 → 14`. */
export function valueLines({ before, patch, action }: ChangeLine): string[] {
  if (!["create", "update", "rename", "enable"].includes(action)) return [];
  const after = applyPatch(before, patch);
  const password = after.password === undefined ? [] : [`password: ${plain(after.password)}`];
  const names = new Set([...Object.keys(before.attributes ?? {}), ...Object.keys(after.attributes ?? {})]);
  const lines = [...names].map((name) => {
    const [old, now] = [before.attributes?.[name] ?? [], after.attributes?.[name] ?? []];
    if (action === "create" || old.length === 0) return `${plain(name)}: ${values(now)}`;
    return `${plain(name)}: ${values(old)} → ${values(now)}`;
  });
  return [...lines, ...password];
}

function values(list: readonly string[]): string {
  return list.length === 0 ? "(nothing)" : shortened(plain(list.join(", ")));
}
