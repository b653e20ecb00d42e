import { checkTargets } from "../core/kinds/check.ts";
import { checkExports } from "../core/kinds/check-export.ts";
import { decidingKinds, type KindName, kindNames } from "../core/kinds/kinds.ts";
import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";
import type { InForce, Resource, Snapshot, Standing } from "../core/kinds/resource.ts";
import { checkIds } from "./identity-ids.ts";
import { type Known, type ManifestChanges, manifestKey } from "./known.ts";
import type { Complete, Reading } from "./resources.ts";

export interface Resolved {
  readonly snapshot: Snapshot;
  /** What must be remembered: what is new, has changed, has vanished or come back; and what another object has replaced. */
  readonly changes: ManifestChanges;
}

const current: Standing = { status: "Current" };
/**
 * What is in force, from what was read now and what was valid last (law 4). `now` in ms.
 *
 * | read now | known | in force |
 * | --- | --- | --- |
 * | valid | | as read, Current |
 * | invalid | yes | as known, Held |
 * | invalid | no | nothing: unknown |
 * | missing from a complete reading | yes | as known, Vanished since it was first missed |
 * | missing from an incomplete one, of a kind that was not read, or last seen in another origin | yes | as known, Held |
 */
export function resolve(reading: Reading, known: Known, now: number): Resolved {
  const work = resolving(reading, known, now);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The same, so that a process can breathe: it yields after each object. */
export function* resolving(reading: Reading, known: Known, now: number): Generator<void, Resolved> {
  const complete = completeness(reading, known);
  const ids = yield* checkIds(reading, known, complete);
  const misfits = [...checkTargets(reading.resources), ...checkExports(reading.resources)];
  const refused = new Map(
    [...ids.problems, ...misfits].map(({ kind, name, field, message }) => [
      `${kind}/${name}`,
      `${field} ${message}`,
    ]),
  );
  const invalid = new Map([...reading.invalid, ...refused]);
  const objects = emptyObjects();
  const unknown = new Map<string, string>();
  const put: KnownManifest[] = [];
  const remove: ManifestKey[] = [];
  let policyChangedAt = 0;

  const enter = (manifest: KnownManifest, before: KnownManifest | undefined, standing: Standing) => {
    const { resource, changedAt, vanishedAt = 0 } = manifest;
    objects[resource.kind].set(resource.name, { resource, standing });
    if (decides(resource.kind)) policyChangedAt = Math.max(policyChangedAt, changedAt, vanishedAt);
    if (manifest !== before) put.push(manifest);
  };

  for (const resource of reading.resources) {
    yield;
    if (refused.size > 0 && refused.has(manifestKey(resource))) continue;
    const before = known[resource.kind].get(resource.name);
    enter(asRead(resource, before, now, reading.origins.get(resource.kind)), before, current);
  }
  for (const [key, reason] of invalid) {
    const [kind, name] = key.split("/", 2) as [KindName, string];
    const before = known[kind].get(name);
    if (before === undefined) unknown.set(key, reason);
    else enter(present(before, now), before, { status: "Held", reason });
  }
  for (const kind of kindNames) {
    const unproven = complete.ok ? reading.unread.get(kind) : complete.reason;
    for (const [name, before] of known[kind]) {
      yield;
      if (objects[kind].has(name)) continue;
      const reason = unproven ?? otherOrigin(before, reading);
      if (ids.replaced.has(name) && kind === "Identity") remove.push({ kind, name });
      else if (reason !== undefined) enter(present(before, now), before, { status: "Held", reason });
      else enter(gone(before, now), before, { status: "Vanished", at: before.vanishedAt ?? now });
    }
  }
  const { revision, unread } = reading;
  const problems = [...reading.problems, ...ids.problems, ...misfits];
  const inForce = objects as Snapshot["objects"];
  const snapshot = { revision, objects: inForce, unknown, unread, policyChangedAt, problems };
  return { snapshot, changes: { put, remove } };
}

function decides(kind: KindName): boolean {
  return (decidingKinds as readonly KindName[]).includes(kind);
}

/** Who deletes a namespace or a kind's definition, or selects others, takes away what was there without meaning anybody: that is no leaving. */
function otherOrigin({ resource, origin }: KnownManifest, reading: Reading): string | undefined {
  if (origin === reading.origins.get(resource.kind)) return undefined;
  const { kind, name } = resource;
  return `${kind}/${name} went with the namespace or the definition that held it, or is not selected any longer, and was not seen since: apply it again, or apply and delete it`;
}

/** A source where nothing at all is left is one that was not read: nobody means to remove everybody. */
function completeness({ resources, invalid, complete }: Reading, known: Known): Complete {
  if (!complete.ok || resources.length > 0 || invalid.size > 0) return complete;
  const expected = kindNames
    .flatMap((kind) => [...known[kind].values()])
    .filter(({ vanishedAt }) => vanishedAt === undefined).length;
  return expected === 0
    ? complete
    : { ok: false, reason: `no manifest is left where there were ${expected}` };
}

/** What was known stays the same object for as long as its source does: downstream, a change is told by identity. */
function asRead(
  resource: Resource,
  before: KnownManifest | undefined,
  now: number,
  origin: string | undefined,
): KnownManifest {
  const same =
    before?.resource.digest === resource.digest &&
    before.vanishedAt === undefined &&
    before.origin === origin;
  // A time to come was written by a clock that was wrong: it must not keep things unsettled until then.
  if (before && same && before.changedAt <= now) return before;
  return { resource, changedAt: now, ...(origin === undefined ? {} : { origin }) };
}

/** As known, and not vanished: it is there, or may be. */
function present(before: KnownManifest, now: number): KnownManifest {
  const { vanishedAt, ...there } = before;
  return vanishedAt === undefined ? before : { ...there, changedAt: now };
}

function gone(before: KnownManifest, now: number): KnownManifest {
  return before.vanishedAt === undefined || before.vanishedAt > now ? { ...before, vanishedAt: now } : before;
}

function emptyObjects(): Record<KindName, Map<string, InForce>> {
  return Object.fromEntries(kindNames.map((kind) => [kind, new Map()])) as Record<
    KindName,
    Map<string, InForce>
  >;
}
