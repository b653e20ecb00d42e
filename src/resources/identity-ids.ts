import type { Problem, Resource } from "../core/kinds/resource.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { Known } from "./known.ts";
import type { Complete, Reading } from "./resources.ts";

export interface IdVerdict {
  /** What they name is invalid. */
  readonly problems: readonly Problem[];
  /** Names of known identities whose `id` has moved to an object of another name. */
  readonly replaced: ReadonlySet<string>;
}

type Identity = Resource<"Identity">;

/**
 * An identity's `id` is for good and its alone. An object that changes its `id`, or takes one that another object has, is
 * invalid; the one that had it keeps it, and where nobody had it nobody gets it. An object that is gone, proven by a complete
 * reading, gives its `id` away: the same person under another object name. A generator, as `resolving` is.
 */
export function* checkIds(reading: Reading, known: Known, complete: Complete): Generator<void, IdVerdict> {
  const problems: Problem[] = [];
  const newcomers: Identity[] = [];
  for (const identity of reading.resources as readonly Identity[]) {
    yield;
    if (identity.kind !== "Identity") continue;
    const before = known.Identity.get(identity.name)?.resource as Identity | undefined;
    if (before === undefined) newcomers.push(identity);
    else if (before.digest !== identity.digest && before.spec.id !== identity.spec.id) {
      const message = `cannot change from "${before.spec.id}": give the new person an object with another name`;
      problems.push(problemOf(identity, message));
    }
  }
  const { replaced, clashes } = yield* settleClaims(newcomers, reading, known, complete);
  return { problems: [...problems, ...clashes], replaced };
}

function* settleClaims(
  newcomers: readonly Identity[],
  reading: Reading,
  known: Known,
  complete: Complete,
): Generator<void, { readonly replaced: ReadonlySet<string>; readonly clashes: readonly Problem[] }> {
  const replaced = new Set<string>();
  const clashes: Problem[] = [];
  if (newcomers.length === 0) return { replaced, clashes };
  const owners = new Map<string | undefined, string>();
  for (const { resource } of known.Identity.values()) {
    owners.set((resource as Identity).spec.id, resource.name);
    yield;
  }
  const there = new Set<string>();
  for (const { kind, name } of reading.resources) {
    if (kind === "Identity") there.add(name);
    yield;
  }
  const isGone = (name: string) =>
    complete.ok &&
    !reading.unread.has("Identity") &&
    known.Identity.get(name)?.origin === reading.origins.get("Identity") &&
    !there.has(name) &&
    !reading.invalid.has(`Identity/${name}`);
  const claims = new Map<string | undefined, Identity[]>();
  for (const newcomer of newcomers) {
    getOrAdd(claims, newcomer.spec.id, () => []).push(newcomer);
    yield;
  }
  for (const [id, claimants] of claims) {
    yield;
    const owner = owners.get(id);
    const taken = owner !== undefined && !isGone(owner);
    if (!taken && claimants.length === 1) {
      if (owner !== undefined) replaced.add(owner);
      continue;
    }
    for (const claimant of claimants) {
      const other = taken ? owner : claimants.find((one) => one !== claimant)!.name;
      clashes.push(
        problemOf(claimant, `"${id}" is also the id of Identity ${other}: an id belongs to one identity`),
      );
    }
  }
  return { replaced, clashes };
}

function problemOf(identity: Identity, message: string): Problem {
  const { kind, name, location } = identity;
  return { kind, name, field: "spec.id", message, ...(location && { location }) };
}
