import { identityValue } from "../expression/identity-value.ts";
import { identityId } from "../kinds/identity-id.ts";
import { kindNames } from "../kinds/kinds.ts";
import type { InForce, Resource, Snapshot } from "../kinds/resource.ts";
import type { Reason, ReasonChain } from "../model/change.ts";
import { getOrAdd } from "../model/maps.ts";
import type { IdentityAccess } from "./access.ts";
import { compareAccess } from "./compare.ts";
import { decide } from "./decide.ts";
import { accessModel } from "./model.ts";

/** What identities gain or lose together, for one and the same cause. */
export interface AccessGroup {
  readonly change: "Gained" | "Lost";
  readonly target: string;
  /** Absent for the account itself. */
  readonly entitlement?: string;
  /** Names of Identity objects. */
  readonly identities: readonly string[];
  /** Why it is had now, or why it was. */
  readonly reasons: readonly ReasonChain[];
  /** For what is lost: why nothing is due any more, where that is not just that a reason is gone. */
  readonly inactive?: Reason;
  /** Objects that were edited and that it hangs on, as `Kind/name`; the identities' own as `Identity`. */
  readonly edited: readonly string[];
}

export interface AccessDiff {
  readonly objects: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  readonly groups: readonly AccessGroup[];
  /** What cannot be told of identities in the newer manifests: nothing would be granted or removed for it. */
  readonly unknown: readonly { readonly reason: string; readonly identities: readonly string[] }[];
}

/**
 * Who gains and who loses what from one state of the manifests to another, by the manifests alone. Pure. A generator, so that the
 * process can breathe: it yields after each identity.
 */
export function* diffAccess(before: Snapshot, after: Snapshot, now: number): Generator<void, AccessDiff> {
  const objects = changedObjects(before, after);
  const edited = new Set([...objects.added, ...objects.changed, ...objects.removed]);
  const [old, young] = [decider(before, now), decider(after, now)];
  const groups = new Map<string, { group: Omit<AccessGroup, "identities">; identities: string[] }>();
  const unknown = new Map<string, string[]>();
  for (const id of new Set([...old.ids(), ...young.ids()])) {
    const [had, has] = [old.access(id), young.access(id)];
    const name = young.name(id) ?? old.name(id) ?? id;
    for (const reason of unknownsOf(has)) getOrAdd(unknown, reason, (): string[] => []).push(name);
    for (const change of compareAccess(had, has)) {
      const inactive = change.change === "Lost" ? (has ? has.inactive : gone(name)) : undefined;
      const group: Omit<AccessGroup, "identities"> = {
        ...change,
        ...(inactive ? { inactive: { ...inactive, name: "" } } : {}),
        edited: causesOf(change.reasons, edited, name),
      };
      getOrAdd(groups, JSON.stringify(group), () => ({ group, identities: [] })).identities.push(name);
    }
    yield;
  }
  return {
    objects,
    groups: [...groups.values()].map(({ group, identities }) => ({
      ...group,
      identities: identities.sort(),
    })),
    unknown: [...unknown].map(([reason, identities]) => ({ reason, identities: identities.sort() })),
  };
}

function gone(name: string): Reason {
  return { source: "Identity", name, detail: "is no longer declared" };
}

function decider(snapshot: Snapshot, now: number) {
  const model = accessModel(snapshot);
  const byId = new Map<string, InForce<"Identity">>();
  for (const identity of snapshot.objects.Identity.values())
    byId.set(identityId(identity.resource), identity);
  return {
    ids: () => byId.keys(),
    name: (id: string) => byId.get(id)?.resource.name,
    access(id: string): IdentityAccess | undefined {
      const identity = byId.get(id);
      if (!identity) return undefined;
      const { name, spec } = identity.resource;
      return decide(model, identity, identityValue(name, spec), now);
    },
  };
}

function unknownsOf(access: IdentityAccess | undefined): ReadonlySet<string> {
  if (!access || access.inactive) return new Set();
  const { all, accounts, entitlements } = access.unknown;
  return new Set([
    ...all,
    ...accounts.values(),
    ...[...entitlements.values()].flatMap((held) => [...held.values()]),
  ]);
}

/** The edited objects in the chains; the identity's own edit where there is none. */
function causesOf(
  reasons: readonly ReasonChain[],
  edited: ReadonlySet<string>,
  name: string,
): readonly string[] {
  const links = reasons.flatMap((chain) => chain.map((reason) => `${reason.source}/${reason.name}`));
  const found = [...new Set(links)].filter((key) => edited.has(key));
  return [...found, ...(edited.has(`Identity/${name}`) ? ["Identity"] : [])];
}

function changedObjects(before: Snapshot, after: Snapshot): AccessDiff["objects"] {
  const added: string[] = [];
  const changed: string[] = [];
  const removed: string[] = [];
  for (const kind of kindNames) {
    const [old, young] = [before.objects[kind], after.objects[kind]] as const;
    for (const [name, { resource }] of young as ReadonlyMap<string, { resource: Resource }>) {
      const known = old.get(name);
      if (!known) added.push(`${kind}/${name}`);
      else if (known.resource.digest !== resource.digest) changed.push(`${kind}/${name}`);
    }
    for (const name of old.keys()) if (!young.has(name)) removed.push(`${kind}/${name}`);
  }
  return { added, changed, removed };
}
