import type { Snapshot } from "../core/kinds/resource.ts";
import { parseDuration } from "../core/model/duration.ts";
import type { Sample } from "./metrics.ts";
import { isSuspended, targetsNotRun } from "./not-run.ts";

/** A target that the manifests have, and whether it is run. */
export interface DeclaredTarget {
  readonly target: string;
  /** Undefined where the target's manifest never was valid. */
  readonly store: string | undefined;
  readonly standing: "Runs" | "Suspended" | "Stalled";
  /** From one look for drift to the next (ms); undefined where the manifest never was valid. */
  readonly every: number | undefined;
}

/** The targets that are declared. One whose manifest is gone, or its store's, is no longer: its accounts stay as they are. */
export function declaredTargets(snapshot: Snapshot): readonly DeclaredTarget[] {
  const { Store, Target } = snapshot.objects;
  const notRun = new Set(targetsNotRun(snapshot).map(({ target }) => target));
  const declared = [...Target.values()].flatMap(({ resource, standing }): DeclaredTarget[] => {
    const store = Store.get(resource.spec.store.name);
    if (standing.status === "Vanished" || store?.standing.status === "Vanished") return [];
    const suspended = isSuspended(resource, snapshot);
    return [
      {
        target: resource.name,
        store: resource.spec.store.name,
        standing: suspended ? "Suspended" : notRun.has(resource.name) ? "Stalled" : "Runs",
        every: parseDuration(resource.spec.schedule.every),
      },
    ];
  });
  const invalid = [...notRun].filter((target) => !Target.has(target));
  return [
    ...declared,
    ...invalid.map(
      (target): DeclaredTarget => ({ target, store: undefined, standing: "Stalled", every: undefined }),
    ),
  ];
}

/** What the gauges show of what is in force: what is known without looking at any store. */
export function manifestGauges(
  targets: readonly DeclaredTarget[],
  complete: boolean,
  unread: Iterable<string>,
): readonly Sample[] {
  return [
    { metric: "rollcall_manifests_complete", labels: {}, value: Number(complete) },
    ...[...unread].map(
      (kind): Sample => ({ metric: "rollcall_manifests_unread", labels: { kind }, value: 1 }),
    ),
    ...targets.flatMap(targetGauges),
  ];
}

function targetGauges({ target, standing, every }: DeclaredTarget): readonly Sample[] {
  if (standing === "Suspended")
    return [{ metric: "rollcall_target_suspended", labels: { target }, value: 1 }];
  if (standing === "Stalled")
    return [{ metric: "rollcall_target_stalled", labels: { target, reason: "Manifest" }, value: 1 }];
  if (every === undefined) return [];
  return [{ metric: "rollcall_target_interval_seconds", labels: { target }, value: every / 1000 }];
}
