import type { TargetLane } from "./target-lane.ts";

/**
 * Lanes that may run side by side, each group in order: lanes of one store take turns, for a store has one writer, and so do
 * those that refer to each other.
 */
export function inGroups(lanes: readonly TargetLane[]): readonly (readonly TargetLane[])[] {
  let groups: TargetLane[][] = [];
  for (const lane of inOrder(lanes)) {
    const near = groups.filter((group) => group.some((other) => mustTakeTurns(lane, other)));
    groups = [...groups.filter((group) => !near.includes(group)), [...near.flat(), lane]];
  }
  return groups;
}

function mustTakeTurns(a: TargetLane, b: TargetLane): boolean {
  return (
    a.model.store === b.model.store ||
    a.model.dependsOn.has(b.model.name) ||
    b.model.dependsOn.has(a.model.name)
  );
}

/** Those first that others refer to. Circles are refused when manifests are checked; here they keep their order. */
function inOrder(lanes: readonly TargetLane[]): readonly TargetLane[] {
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
