import { type KindName, kindNames } from "../../core/kinds/kinds.ts";
import { referencesOf } from "../../core/kinds/references.ts";
import type { AnyResource, InForce, Snapshot } from "../../core/kinds/resource.ts";
import type { ClusterResources } from "../../resources/kubernetes/cluster-resources.ts";

/** Kinds whose status follows from the manifests alone. */
export const policyKinds = ["BusinessRole", "AccessProfile", "Grant"] as const;

/** `Kind/name` */
export function keyOf(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/** Whether an object can be referred to. */
export function isThere({ objects }: Snapshot, kind: KindName, name: string): boolean {
  return isPresent(objects[kind].get(name));
}

/** Whether an object says in both what it says in one, whether it is valid, or can be read, now or not. */
export function sameInBoth(kind: KindName, name: string, a: Snapshot | undefined, b: Snapshot): boolean {
  const [was, is] = [a, b].map((snapshot) => snapshot?.objects[kind].get(name)?.resource.digest);
  return was === is;
}

function isPresent(object: InForce | undefined): boolean {
  return object !== undefined && object.standing.status !== "Vanished";
}

/**
 * The objects, as `Kind/name`, whose manifests say something else than before, and the policies that name one that came or went; of
 * those that are not valid also each that is another version than was told of, since they have no digest. A generator, so that the
 * process can breathe.
 */
export function* changedObjects(
  before: Snapshot | undefined,
  after: Snapshot,
  resources: Pick<ClusterResources, "object">,
): Generator<void, ReadonlySet<string>> {
  const changed = new Set<string>();
  const moved = new Set<string>();
  const isUntold = (kind: KindName, name: string) => {
    const { metadata, status } = resources.object(kind, name) ?? {};
    return (
      metadata?.generation !== (status as { observedGeneration?: number } | undefined)?.observedGeneration
    );
  };
  const compare = (kind: KindName, name: string, was: InForce | undefined, is: InForce | undefined) => {
    if (sameInForce(was, is) && !(is?.standing.status === "Held" && isUntold(kind, name))) return;
    changed.add(keyOf(kind, name));
    if (isPresent(was) !== isPresent(is)) moved.add(keyOf(kind, name));
  };
  for (const kind of kindNames) {
    const [was, is] = [before?.objects[kind], after.objects[kind]];
    let common = 0;
    for (const [name, object] of is) {
      const before = was?.get(name);
      if (before) common++;
      compare(kind, name, before, object);
      yield;
    }
    // Where nobody is missing there is no need to look for them among all the others.
    if (!was || common === was.size) continue;
    for (const [name, object] of was) {
      if (!is.has(name)) compare(kind, name, object, undefined);
      yield;
    }
  }
  for (const key of new Set([...(before?.unknown.keys() ?? []), ...after.unknown.keys()])) {
    const [kind, name] = key.split("/", 2) as [KindName, string];
    if (before?.unknown.get(key) !== after.unknown.get(key) || isUntold(kind, name)) changed.add(key);
  }
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
  // What did not change is the same object as before.
  if (a.resource === b.resource && a.standing === b.standing) return true;
  if (a.resource.digest !== b.resource.digest || a.standing.status !== b.standing.status) return false;
  return a.standing.status !== "Held" || a.standing.reason === (b.standing as typeof a.standing).reason;
}
