import type { Subject } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { Claims, type Correlation, correlate } from "./correlate.ts";

export type Match = Extract<Correlation, { result: "Match" }>;

/** Finds whose account is whose; what cannot be told, or is claimed twice, is added to `conflicts`. */
export function* correlateAll(
  context: PlanContext,
  subjects: readonly Subject[],
  conflicts: Map<string, string>,
): Generator<void, ReadonlyMap<string, Match>> {
  const { model } = context;
  const matches = new Map<string, Match>();
  for (const one of subjects) {
    yield;
    if ((one.link && !isRepinned(one)) || one.desired.presence !== "Present" || conflicts.has(one.identity))
      continue;
    const found = correlate(model, one, one.desired, { byName: context.rebuild === true });
    if (found.result === "Conflict") conflicts.set(one.identity, found.message);
    else if (found.result === "Match") {
      if (model.spec.accounts.adopt === "Never" && one.pinned === undefined && !context.rebuild)
        conflicts.set(
          one.identity,
          `${found.record.name} matches by ${found.by}, and adopt is Never: pin it with spec.links`,
        );
      else matches.set(one.identity, found);
    }
  }
  const anchors = new Claims();
  for (const [identity, match] of matches) anchors.add(identity, match.record.anchor);
  for (const who of anchors.contested.values())
    for (const identity of who) {
      conflicts.set(
        identity,
        `${matches.get(identity)?.record.name} matches ${who.join(" and ")}: pin it with spec.links`,
      );
      matches.delete(identity);
    }
  return matches;
}

/** A person has pinned a linked identity to another account. */
function isRepinned({ link, pinned }: Subject): boolean {
  return link !== undefined && pinned !== undefined && link.anchor !== pinned;
}
