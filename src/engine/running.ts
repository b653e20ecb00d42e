import type { Resource, Snapshot } from "../core/kinds/resource.ts";

/** The targets that are looked after: deleting or suspending a Target or its Store touches no account. */
export function runningTargets(snapshot: Snapshot): readonly Resource<"Target">[] {
  const { Store, Target } = snapshot.objects;
  return [...Target.values()].flatMap(({ resource, standing }) => {
    const store = Store.get(resource.spec.store.name);
    if (!store || store.standing.status === "Vanished" || standing.status === "Vanished") return [];
    return resource.spec.suspend || store.resource.spec.suspend ? [] : [resource];
  });
}
