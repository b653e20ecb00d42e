import type { IdentityAccess, TargetAccess } from "../access/access.ts";
import { viewClasses } from "../expression/identity-value.ts";

/** What `access` is in an export: each piece of what somebody ought to have, once. `target`: there alone. */
export function accessViews(access: IdentityAccess, target?: string): readonly object[] {
  const roles = new Set<string>();
  const pieces: object[] = [];
  for (const [name, here] of access.targets) {
    if (target !== undefined && target !== name) continue;
    const sources = sourcesOf(here);
    for (const role of sources.BusinessRole) roles.add(role);
    if (here.account.length > 0) pieces.push({ kind: "Account", name, target: name });
    for (const profile of sources.AccessProfile)
      pieces.push({ kind: "AccessProfile", name: profile, target: name });
    for (const { ref } of here.entitlements.values())
      pieces.push({ kind: "Entitlement", name: ref.name, target: name });
  }
  const ofRoles = [...roles].map((name) => ({ kind: "BusinessRole", name }));
  return [...ofRoles, ...pieces].map((piece) => new viewClasses.Access({ ...piece }));
}

/** The roles and profiles in the chains that lead to an account and what it holds. */
function sourcesOf({ account, entitlements }: TargetAccess) {
  const found = { BusinessRole: new Set<string>(), AccessProfile: new Set<string>() };
  for (const chains of [account, ...entitlements.values().map(({ reasons }) => reasons)])
    for (const { source, name } of chains.flat())
      if (source === "BusinessRole" || source === "AccessProfile") found[source].add(name);
  return found;
}

/** Why it is unknown what somebody ought to have, there or anywhere (law 4); undefined where it is known. */
export function unknownAccess({ unknown }: IdentityAccess, target?: string): string | undefined {
  const [all] = unknown.all;
  if (all !== undefined || target === undefined)
    return all ?? first(unknown.accounts.values()) ?? first(unknown.entitlements.values().flatMap(values));
  return unknown.accounts.get(target) ?? first(values(unknown.entitlements.get(target) ?? new Map()));
}

const values = (reasons: ReadonlyMap<string, string>) => reasons.values();

function first(reasons: Iterable<string>): string | undefined {
  const [reason] = reasons;
  return reason;
}

/** What `state` is in an export. */
export function stateOf({ inactive, emergency }: IdentityAccess): "Active" | "Inactive" | "Emergency" {
  if (inactive) return "Inactive";
  return emergency ? "Emergency" : "Active";
}
