import type { StateIds } from "../../resources/kubernetes/state-ids.ts";
import { StateError } from "../../state/errors.ts";
import { openState, stateIdAt } from "../../state/open.ts";
import type { State } from "../../state/state.ts";
import { shownPlaceOf } from "../place.ts";

/** What is known of a namespace's state before it is opened. */
export interface Sighting {
  /** The id that is on record in the cluster. */
  readonly recorded: string | undefined;
  /** The id of the state that is there. */
  readonly found: string | undefined;
}

export type StateDecision = "Make" | "Record" | "Use" | "Lost" | "Foreign";

/**
 * | recorded | found | |
 * | --- | --- | --- |
 * | no | no | Make: the first run |
 * | no | yes | Record: it was made and the process ended before it was recorded, or somebody brought it along |
 * | yes | the same | Use |
 * | yes | no | Lost: an empty one in its place would take every account for a stranger's |
 * | yes | another | Foreign: another installation's, or one that was made in the place of ours |
 */
export function decideState({ recorded, found }: Sighting): StateDecision {
  if (recorded === undefined) return found === undefined ? "Make" : "Record";
  if (found === undefined) return "Lost";
  return found === recorded ? "Use" : "Foreign";
}

export interface NamespaceState {
  readonly namespace: string;
  /** A file or a URL. */
  readonly place: string;
  readonly ids: Pick<StateIds, "place" | "read" | "record">;
}

/**
 * Opens a namespace's state for writing, for who leads. It is made on the first run. Throws a `StateError` where it must not be used, and
 * an `ApiError` where the cluster cannot say which one it is.
 */
export async function openNamespaceState({ namespace, place, ids }: NamespaceState): Promise<State> {
  const sighting = { recorded: await ids.read(namespace), found: await stateIdAt(place, namespace) };
  const decision = decideState(sighting);
  if (decision === "Lost" || decision === "Foreign") {
    const what = `cannot use a state at ${shownPlaceOf(place)} for namespace ${namespace}`;
    throw refusal(decision, sighting, what, `remove the key ${namespace} from ${ids.place}`);
  }
  const state = await openState(place, {
    realm: namespace,
    mode: "write",
    initialise: decision === "Make",
    // Who writes to a state that is not on record here is no replica of ours: our Lease says nothing about it.
    takeOver: decision === "Use",
  });
  try {
    if (decision !== "Use") await ids.record(namespace, state.id);
    return state;
  } catch (error) {
    await state.close();
    throw error;
  }
}

function refusal(decision: "Lost" | "Foreign", { recorded, found }: Sighting, what: string, forget: string) {
  if (decision === "Lost") {
    const cause = `state ${recorded} was kept there and is gone`;
    const cure = `correct --state, restore it, or run "rollcall state rebuild" and ${forget}`;
    return new StateError("NoState", `${what}: ${cause}; ${cure}`);
  }
  const cause = `it is state ${found}, and until now ${recorded} was used`;
  return new StateError("Foreign", `${what}: ${cause}; correct --state, or, to go on with it, ${forget}`);
}
