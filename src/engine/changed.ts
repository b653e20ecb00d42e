import { identityId } from "../core/kinds/identity-id.ts";
import { decidingKinds, kindNames } from "../core/kinds/kinds.ts";
import type { InForce, Snapshot } from "../core/kinds/resource.ts";

/**
 * Whether all that decides about identities is as it was: then only changed identities need a new decision. The objects are compared, not
 * the times of their edits: a clock that went back would hide one.
 */
export function samePolicies(a: Snapshot, b: Snapshot): boolean {
  return (
    a.unknown.size === b.unknown.size &&
    [...a.unknown.keys()].every((key) => b.unknown.has(key)) &&
    kindNames.every((kind) => a.unread.has(kind) === b.unread.has(kind)) &&
    decidingKinds.every((kind) => sameObjects(a.objects[kind], b.objects[kind]))
  );
}

function sameObjects(a: ReadonlyMap<string, InForce>, b: ReadonlyMap<string, InForce>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, { resource, standing }] of a) {
    const other = b.get(name);
    if (other?.resource.digest !== resource.digest || other.standing.status !== standing.status) return false;
  }
  return true;
}

/** The ids of identities that differ, and of those who report to them: an account may name its manager's. A generator, as planning is. */
export function* changedIdentities(a: Snapshot, b: Snapshot): Generator<void, ReadonlySet<string>> {
  const changed = new Set<string>();
  const names = new Set<string>();
  const note = (name: string, { resource }: InForce<"Identity">) => {
    names.add(name);
    changed.add(identityId(resource));
  };
  let common = 0;
  for (const [name, identity] of b.objects.Identity) {
    yield;
    const before = a.objects.Identity.get(name);
    if (before) common++;
    if (
      before?.resource.digest !== identity.resource.digest ||
      before.standing.status !== identity.standing.status
    )
      note(name, identity);
  }
  // Where nobody is missing there is no need to look for them among all the others.
  if (common < a.objects.Identity.size)
    for (const [name, identity] of a.objects.Identity) {
      yield;
      if (!b.objects.Identity.has(name)) note(name, identity);
    }
  yield* addReports(b, names, changed);
  return changed;
}

/** Adds the ids of those who report to one of these, by name. */
function* addReports(snapshot: Snapshot, names: ReadonlySet<string>, to: Set<string>): Generator<void, void> {
  if (names.size === 0) return;
  for (const { resource } of snapshot.objects.Identity.values()) {
    yield;
    if (resource.spec.manager && names.has(resource.spec.manager.name)) to.add(identityId(resource));
  }
}

/** These identities, by id, and those who report to them: whoever begins or ends by time alone does so in their accounts, too. */
export function* withReports(
  snapshot: Snapshot,
  ids: ReadonlySet<string>,
): Generator<void, ReadonlySet<string>> {
  if (ids.size === 0) return ids;
  const names = new Set<string>();
  for (const [name, { resource }] of snapshot.objects.Identity) {
    yield;
    if (ids.has(identityId(resource))) names.add(name);
  }
  const all = new Set(ids);
  yield* addReports(snapshot, names, all);
  return all;
}
