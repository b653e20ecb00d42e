import type { Snapshot } from "../core/kinds/resource.ts";
import { type NotRun, targetsNotRun } from "../report/not-run.ts";
import type { State } from "../state/state.ts";

/** The targets that are declared and not run, and those that are deleted and still have accounts linked, which stay as they are. */
export async function toldNotRun(
  snapshot: Snapshot,
  state: Pick<State, "links">,
): Promise<readonly NotRun[]> {
  const told: NotRun[] = [];
  for (const each of targetsNotRun(snapshot)) {
    const isGone = snapshot.objects.Target.get(each.target)?.standing.status === "Vanished";
    const linked = isGone ? await linkedOf(state, each.target) : 0;
    if (linked > 0) told.push({ ...each, reason: `${each.reason}: ${remainsText(linked)}` });
    else if (!isGone) told.push(each);
  }
  return told;
}

async function linkedOf(state: Pick<State, "links">, target: string): Promise<number> {
  let linked = 0;
  for await (const page of state.links(target)) linked += page.length;
  return linked;
}

function remainsText(linked: number): string {
  const stay = linked === 1 ? "its account stays as it is" : `its ${linked} accounts stay as they are`;
  return `${stay}, and linked should it come back`;
}
