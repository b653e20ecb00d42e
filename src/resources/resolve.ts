import type { KindName } from "../core/kinds/kinds.ts";
import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";
import type { AnyResource, InForce, Resource, Snapshot, Standing } from "../core/kinds/resource.ts";
import { checkIds } from "./identity-ids.ts";
import { type Known, manifestKey } from "./known.ts";
import type { Complete, Reading } from "./resources.ts";

export interface Resolved {
  readonly snapshot: Snapshot;
  /** What must be remembered: what is new, has changed, has vanished or come back; and what another object has replaced. */
  readonly changes: { readonly put: readonly KnownManifest[]; readonly remove: readonly ManifestKey[] };
}

const current: Standing = { status: "Current" };
const policyKinds: ReadonlySet<KindName> = new Set<KindName>([
  "BusinessRole",
  "AccessProfile",
  "Grant",
  "Target",
  "Store",
]);

/**
 * What is in force, from what was read now and what was valid last (law 4). `now` in ms.
 *
 * | read now | known | in force |
 * | --- | --- | --- |
 * | valid | | as read, Current |
 * | invalid | yes | as known, Held |
 * | invalid | no | nothing: unknown |
 * | missing from a complete reading | yes | as known, Vanished since it was first missed |
 * | missing from an incomplete one | yes | as known, Held |
 */
export function resolve(reading: Reading, known: Known, now: number): Resolved {
  const complete = completeness(reading, known);
  const { valid, invalid, ids } = sorted(reading, known, complete);
  const objects = emptyObjects();
  const unknown = new Map<string, string>();
  const put: KnownManifest[] = [];
  const remove: ManifestKey[] = [];
  let policyChangedAt = 0;

  const enter = (key: string, manifest: KnownManifest, standing: Standing) => {
    const { resource, changedAt, vanishedAt = 0 } = manifest;
    (objects[resource.kind] as Map<string, InForce>).set(resource.name, { resource, standing });
    if (policyKinds.has(resource.kind)) policyChangedAt = Math.max(policyChangedAt, changedAt, vanishedAt);
    if (manifest !== known.get(key)) put.push(manifest);
  };

  for (const [key, resource] of valid) enter(key, asRead(resource, known.get(key), now), current);
  for (const [key, reason] of invalid) {
    const before = known.get(key);
    if (before === undefined) unknown.set(key, reason);
    else enter(key, present(before, now), { status: "Held", reason });
  }
  for (const [key, before] of known) {
    if (valid.has(key) || invalid.has(key)) continue;
    if (ids.replaced.has(key)) remove.push(before.resource);
    else if (!complete.ok) enter(key, present(before, now), { status: "Held", reason: complete.reason });
    else {
      const at = before.vanishedAt ?? now;
      enter(key, before.vanishedAt === undefined ? { ...before, vanishedAt: at } : before, {
        status: "Vanished",
        at,
      });
    }
  }
  const problems = [...reading.problems, ...ids.problems];
  const snapshot = { revision: reading.revision, objects, unknown, policyChangedAt, problems };
  return { snapshot, changes: { put, remove } };
}

/**
 * Vanished objects that nothing refers to any longer, to be removed from what is known. `inUse` holds, as `Kind/name`, whatever
 * links, holdings and their reasons still name; an identity there goes by its `id`.
 */
export function forgettable(snapshot: Snapshot, inUse: ReadonlySet<string>): ManifestKey[] {
  const ofKind = Object.values(snapshot.objects) as ReadonlyMap<string, InForce>[];
  return ofKind.flatMap((objects) =>
    Array.from(objects.values())
      .filter(({ standing, resource }) => standing.status === "Vanished" && !inUse.has(useKey(resource)))
      .map(({ resource: { kind, name } }) => ({ kind, name })),
  );
}

function useKey(resource: Resource): string {
  const { kind, name, spec } = resource as AnyResource;
  return manifestKey({ kind, name: kind === "Identity" ? (spec.id ?? name) : name });
}

/** A source where nothing at all is left is one that was not read: nobody means to remove everybody. */
function completeness({ resources, invalid, complete }: Reading, known: Known): Complete {
  if (!complete.ok || resources.length > 0 || invalid.size > 0) return complete;
  const there = known.values().filter(({ vanishedAt }) => vanishedAt === undefined);
  const expected = there.reduce((count) => count + 1, 0);
  return expected === 0
    ? complete
    : { ok: false, reason: `no manifest is left where there were ${expected}` };
}

/** The valid and the invalid by key, once claims to an identity's `id` are settled. */
function sorted({ resources, invalid: unfit }: Reading, known: Known, complete: Complete) {
  const valid = new Map(resources.map((resource) => [manifestKey(resource), resource]));
  const invalid = new Map(unfit);
  const identities = resources.filter((resource) => resource.kind === "Identity") as Resource<"Identity">[];
  const isGone = (key: string) => complete.ok && !valid.has(key) && !invalid.has(key);
  const ids = checkIds(identities, known, isGone);
  for (const { kind, name, message } of ids.problems) {
    valid.delete(`${kind}/${name}`);
    invalid.set(`${kind}/${name}`, `spec.id ${message}`);
  }
  return { valid, invalid, ids };
}

/** What was known stays the same object for as long as its source does: downstream, a change is told by identity. */
function asRead(resource: Resource, before: KnownManifest | undefined, now: number): KnownManifest {
  const same = before?.resource.digest === resource.digest && before.vanishedAt === undefined;
  return before && same ? before : { resource, changedAt: now };
}

/** As known, and not vanished: it is there, or may be. */
function present(before: KnownManifest, now: number): KnownManifest {
  return before.vanishedAt === undefined ? before : { resource: before.resource, changedAt: now };
}

function emptyObjects(): Snapshot["objects"] {
  const names: readonly KindName[] = [
    "Identity",
    "BusinessRole",
    "AccessProfile",
    "Grant",
    "Store",
    "Target",
  ];
  return Object.fromEntries(names.map((name) => [name, new Map()])) as unknown as Snapshot["objects"];
}
