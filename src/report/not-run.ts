import type { InForce, Resource, Snapshot } from "../core/kinds/resource.ts";

/** A target that is declared and not run. */
export interface NotRun {
  readonly target: string;
  readonly reason: string;
  /** It would be run: only this plan does not look at it. */
  readonly unplanned?: true;
}

/** Targets that are declared and not run, each with why: none of their accounts is touched. */
export function targetsNotRun(snapshot: Snapshot): readonly NotRun[] {
  const notRun: NotRun[] = [];
  for (const [target, declared] of snapshot.objects.Target) {
    const reason = whyNotRun(declared, snapshot);
    if (reason !== undefined) notRun.push({ target, reason });
  }
  for (const key of snapshot.unknown.keys())
    if (key.startsWith("Target/"))
      notRun.push({ target: key.slice("Target/".length), reason: "its manifest is not valid" });
  return notRun;
}

/** Whether its own manifest, or its store's, says to leave it alone. */
export function isSuspended({ spec }: Resource<"Target">, { objects }: Snapshot): boolean {
  return spec.suspend || objects.Store.get(spec.store.name)?.resource.spec.suspend === true;
}

function whyNotRun(
  { resource, standing }: InForce<"Target">,
  { objects, unknown }: Snapshot,
): string | undefined {
  const { name } = resource.spec.store;
  const store = objects.Store.get(name);
  if (standing.status === "Vanished") return "its manifest is gone";
  if (resource.spec.suspend) return "it is suspended";
  if (!store) return `its Store/${name} ${unknown.has(`Store/${name}`) ? "is not valid" : "does not exist"}`;
  if (store.standing.status === "Vanished") return `the manifest of its Store/${name} is gone`;
  return store.resource.spec.suspend ? `its Store/${name} is suspended` : undefined;
}
