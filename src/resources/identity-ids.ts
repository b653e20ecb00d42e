import type { Problem, Resource } from "../core/kinds/resource.ts";
import { type Known, manifestKey } from "./known.ts";

export interface IdVerdict {
  readonly problems: readonly Problem[];
  /** Keys of known objects whose `id` has moved to an object of another name. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * An identity's `id` is for good and its alone. An object that changes its `id`, or takes one that another object has, is
 * invalid; the one that had it keeps it, and where nobody had it nobody gets it. An object that is gone, proven by a complete
 * reading, gives its `id` away: the same person under another object name.
 */
export function checkIds(
  identities: readonly Resource<"Identity">[],
  known: Known,
  isGone: (key: string) => boolean,
): IdVerdict {
  const problems: Problem[] = [];
  const newcomers: Resource<"Identity">[] = [];
  for (const identity of identities) {
    const before = known.get(manifestKey(identity))?.resource as Resource<"Identity"> | undefined;
    if (before === undefined) newcomers.push(identity);
    else if (before.digest !== identity.digest && before.spec.id !== identity.spec.id) {
      const message = `cannot change from "${before.spec.id}": give the new person an object with another name`;
      problems.push(problemOf(identity, message));
    }
  }
  if (newcomers.length === 0) return { problems, replaced: new Set() };
  const owners = ownersOf(known);
  const claims = Map.groupBy(newcomers, ({ spec }) => spec.id);
  const replaced = new Set<string>();
  for (const [id, claimants] of claims) {
    const owner = owners.get(id);
    const taken = owner !== undefined && !isGone(owner);
    if (!taken && claimants.length === 1) {
      if (owner !== undefined) replaced.add(owner);
      continue;
    }
    for (const claimant of claimants) {
      const other = taken ? owner : manifestKey(claimants.find((one) => one !== claimant)!);
      problems.push(problemOf(claimant, `"${id}" is also the id of ${other}: an id belongs to one identity`));
    }
  }
  return { problems, replaced };
}

function ownersOf(known: Known): Map<string | undefined, string> {
  const owners = new Map<string | undefined, string>();
  for (const [key, { resource }] of known) {
    if (resource.kind === "Identity") owners.set((resource as Resource<"Identity">).spec.id, key);
  }
  return owners;
}

function problemOf({ kind, name, location }: Resource, message: string): Problem {
  return { kind, name, field: "spec.id", message, ...(location && { location }) };
}
