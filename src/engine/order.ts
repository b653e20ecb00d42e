import type { TargetLane } from "./target-lane.ts";

/** Those first that others refer to. Circles are refused when manifests are checked; here they keep their order. */
export function inOrder(lanes: readonly TargetLane[]): readonly TargetLane[] {
  const byName = new Map(lanes.map((lane) => [lane.model.name, lane]));
  const ordered = new Set<TargetLane>();
  const visit = (lane: TargetLane, path: ReadonlySet<TargetLane>): void => {
    if (ordered.has(lane) || path.has(lane)) return;
    for (const name of lane.model.dependsOn) {
      const other = byName.get(name);
      if (other) visit(other, new Set([...path, lane]));
    }
    ordered.add(lane);
  };
  for (const lane of lanes) visit(lane, new Set());
  return [...ordered];
}
