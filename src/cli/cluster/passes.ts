import type { Snapshot } from "../../core/kinds/resource.ts";
import { type ClusterObject, requestedAt } from "../../resources/kubernetes/objects.ts";

export interface Asked {
  readonly target: string;
  /** What the annotation says; told in the status once the pass is done. */
  readonly value: string;
}

interface TargetOfStore {
  readonly name: string;
  readonly store: string;
}

/** The targets that somebody asks to have looked at: by an annotation of the Target, or of its Store for all its targets. */
export function askedPasses(
  targets: Iterable<TargetOfStore>,
  object: (kind: "Target" | "Store", name: string) => ClusterObject | undefined,
): readonly Asked[] {
  return [...targets].flatMap(({ name, store }) => {
    const target = object("Target", name);
    const asked = [target, object("Store", store)].flatMap(
      (each) => each?.metadata.annotations?.[requestedAt] ?? [],
    );
    // One value for both, so that a new one of either is a new one.
    const value = asked.join(" ");
    return value === "" || value === handled(target) ? [] : [{ target: name, value }];
  });
}

export interface AskedExport {
  readonly name: string;
  /** As of `Asked`. */
  readonly value: string;
}

/** The exports that somebody asks to have written, by an annotation. */
export function askedExports(
  { objects }: Snapshot,
  object: (kind: "Export", name: string) => ClusterObject | undefined,
): readonly AskedExport[] {
  return [...objects.Export].flatMap(([name, { resource, standing }]) => {
    const there = object("Export", name);
    const value = there?.metadata.annotations?.[requestedAt];
    if (value === undefined || value === "" || value === handled(there)) return [];
    return standing.status === "Current" && !resource.spec.suspend ? [{ name, value }] : [];
  });
}

function handled(object: ClusterObject | undefined): unknown {
  return (object?.status as { readonly lastHandledRequestedAt?: unknown } | undefined)
    ?.lastHandledRequestedAt;
}
