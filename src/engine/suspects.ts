import type { DesiredAccount } from "../core/desired/desired.ts";
import { eachInSlices } from "./breathe.ts";
import type { Desires } from "./desires.ts";
import type { IndexedLink } from "./link-index.ts";
import type { Parts } from "./parts.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

export interface Suspects {
  /** Whoever reads their cases takes them from here. */
  readonly suspects: Suspect[];
  /** Everybody who was asked about, the suspects among them. */
  readonly examined: ReadonlySet<string>;
}

/**
 * The identities that may need something in this target: those that somebody marked, and of all others, where the lane has been
 * told to look at everything, those whose desired account is not the one they were found converged with.
 */
export async function suspectsOf(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  seen: ReadonlySet<string>,
): Promise<Suspects> {
  const now = parts.clock.now();
  const { everything, dirty } = lane;
  // Taken now: what others mark while this breathes is for the next run.
  lane.everything = false;
  lane.dirty = new Set();
  const marked = [seen, lane.open];
  const examined = new Set<string>();
  const found: Suspect[] = [];
  const asked = everything ? everybody(lane, desires) : concerned(lane, [...marked, dirty], now);
  await eachInSlices(asked, (identity) => {
    if (examined.has(identity)) return;
    examined.add(identity);
    const access = desires.access(identity, now);
    const desired = desires.desire(lane.model.name, identity, now, access);
    const link = lane.index.of(identity);
    const pinned = desires
      .identity(identity)
      ?.resource.spec.links?.find((each) => each.target === lane.model.name)?.anchor;
    const isMarked =
      marked.some((some) => some.has(identity)) || (pinned !== undefined && link?.anchor !== pinned);
    const need = needOf(lane, desired, link, isMarked, now);
    if (need === "Nothing") return;
    // What unique() chose is taken from here on, so that the next identity of this very run gets another.
    if (!link && desired.presence === "Present") lane.choices.put(identity, desired.decided);
    found.push({ identity, desired, access, pinned, membershipsOnly: need === "Memberships" });
  });
  return { suspects: found, examined };
}

function* everybody(lane: TargetLane, desires: Desires): Iterable<string> {
  yield* desires.identities();
  for (const link of lane.index.entries()) yield link.identity;
}

type Need = "Nothing" | "Memberships" | "Account";

function needOf(
  lane: TargetLane,
  desired: DesiredAccount,
  link: IndexedLink | undefined,
  marked: boolean,
  now: number,
): Need {
  switch (desired.presence) {
    case "Held":
    case "Pending":
      return "Memberships"; // Nothing is read for it; it is only reported.
    case "Disabled":
      if (!link) return "Memberships";
      return marked || link.seen === undefined || link.desired !== "Disabled/Disabled"
        ? "Account"
        : "Nothing";
    case "Cut":
      return link ? "Memberships" : "Nothing";
    case "None":
      if (!link) return "Nothing";
      return marked || link.desired !== "None/None" || isDue(lane, link, now) ? "Account" : "Nothing";
    case "Present": {
      if (!link || marked || link.seen === undefined || !link.desired?.startsWith(`${desired.hash}/`))
        return "Account";
      return link.desired === `${desired.hash}/${desired.entitlementsHash}` ? "Nothing" : "Memberships";
    }
  }
}

function* concerned(lane: TargetLane, marked: readonly ReadonlySet<string>[], now: number): Iterable<string> {
  for (const some of marked) yield* some;
  yield* due(lane, now);
}

/** Disabled accounts whose grace period is over. */
export function* due(lane: TargetLane, now: number): Iterable<string> {
  if (lane.model.deleteAfter === undefined) return;
  for (const link of lane.index.entries()) if (isDue(lane, link, now)) yield link.identity;
}

function isDue(lane: TargetLane, link: IndexedLink, now: number): boolean {
  const { deleteAfter } = lane.model;
  return (
    deleteAfter !== undefined &&
    link.desired?.startsWith("None/") === true &&
    link.disabledAt !== undefined &&
    now >= link.disabledAt + deleteAfter
  );
}
