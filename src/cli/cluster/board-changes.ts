import { type KindName, kindNames } from "../../core/kinds/kinds.ts";
import { referencesOf } from "../../core/kinds/references.ts";
import type { AnyResource, InForce, Snapshot } from "../../core/kinds/resource.ts";

/** Kinds whose status follows from the manifests alone. */
export const policyKinds = ["BusinessRole", "AccessProfile", "Grant"] as const;

/** `Kind/name` */
export function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/** Whether an object can be referred to. */
export function isThere({ objects }: Snapshot, kind: KindName, name: string): boolean {
  const standing = objects[kind].get(name)?.standing.status;
  return standing !== undefined && standing !== "Vanished";
}

/**
 * The objects, as `Kind/name`, whose manifests say something else than before, and the policies that name one that came or went. A
 * generator, so that the process can breathe.
 */
export function* changedObjects(
  before: Snapshot | undefined,
  after: Snapshot,
): Generator<void, ReadonlySet<string>> {
  const changed = new Set<string>();
  const moved = new Set<string>();
  for (const kind of kindNames) {
    const names = new Set([...(before?.objects[kind].keys() ?? []), ...after.objects[kind].keys()]);
    for (const name of names) {
      const [was, is] = [before?.objects[kind].get(name), after.objects[kind].get(name)];
      if (!sameInForce(was, is)) changed.add(keyOf(kind, name));
      if ((before !== undefined && isThere(before, kind, name)) !== isThere(after, kind, name))
        moved.add(keyOf(kind, name));
      yield;
    }
  }
  for (const key of new Set([...(before?.unknown.keys() ?? []), ...after.unknown.keys()]))
    if (before?.unknown.get(key) !== after.unknown.get(key)) changed.add(key);
  if (moved.size === 0) return changed;
  for (const kind of policyKinds)
    for (const [name, { resource }] of after.objects[kind]) {
      const named = referencesOf(resource as AnyResource);
      if (named.some((reference) => moved.has(keyOf(reference.kind, reference.name))))
        changed.add(keyOf(kind, name));
      yield;
    }
  return changed;
}

function sameInForce(a: InForce | undefined, b: InForce | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.resource.digest !== b.resource.digest || a.standing.status !== b.standing.status) return false;
  return a.standing.status !== "Held" || a.standing.reason === (b.standing as typeof a.standing).reason;
}
