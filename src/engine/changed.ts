import { identityId } from "../core/kinds/identity-id.ts";
import type { InForce, Snapshot } from "../core/kinds/resource.ts";

/** Whether everything but identities is as it was: then only changed identities need a new decision. */
export function samePolicies(a: Snapshot, b: Snapshot): boolean {
  return (
    a.policyChangedAt === b.policyChangedAt &&
    a.unknown.size === b.unknown.size &&
    [...a.unknown.keys()].every((key) => b.unknown.has(key))
  );
}

/** The ids of identities that differ, and of those who report to them: an account may name its manager's. */
export function changedIdentities(a: Snapshot, b: Snapshot): ReadonlySet<string> {
  const names = new Set<string>();
  const changed = new Set<string>();
  const note = (name: string, identity: InForce<"Identity">) => {
    names.add(name);
    changed.add(identityId(identity.resource));
  };
  for (const [name, identity] of b.objects.Identity) {
    const before = a.objects.Identity.get(name);
    if (
      before?.resource.digest !== identity.resource.digest ||
      before.standing.status !== identity.standing.status
    )
      note(name, identity);
  }
  for (const [name, identity] of a.objects.Identity) if (!b.objects.Identity.has(name)) note(name, identity);
  if (names.size > 0)
    for (const { resource } of b.objects.Identity.values())
      if (resource.spec.manager && names.has(resource.spec.manager.name)) changed.add(identityId(resource));
  return changed;
}
