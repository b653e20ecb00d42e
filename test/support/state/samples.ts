import type { KnownManifest } from "../../../src/core/kinds/known-manifest.ts";
import type { ReasonChain } from "../../../src/core/model/change.ts";
import type { Holding, Link } from "../../../src/core/model/link.ts";
import type { Task } from "../../../src/core/tasks/task.ts";
import type { Batch, Hold, Intent, JournalEntry } from "../../../src/state/state.ts";

/** Things to keep, complete and plain; a test says only what matters to it. */

export const reasons: readonly ReasonChain[] = [
  [
    { source: "BusinessRole", name: "research-staff", detail: 'department is "Research"' },
    { source: "AccessProfile", name: "research-directory" },
  ],
];

export function link(identity: string, changes: Partial<Link> = {}): Link {
  return {
    target: "people",
    identity,
    anchor: `anchor-of-${identity}`,
    name: `uid=${identity},ou=people,dc=example,dc=org`,
    origin: "Created",
    strongKeys: { employeeNumber: "4711" },
    status: "Enabled",
    applied: { mail: [`${identity}@example.org`], cn: ['Zoë "Ω" O\'Neil, Jr\\'] },
    decided: {},
    reasons,
    ...changes,
  };
}

export function holding(identity: string, entitlement: string, changes: Partial<Holding> = {}): Holding {
  return {
    target: "people",
    identity,
    entitlement,
    name: `cn=${entitlement}`,
    origin: "Granted",
    reasons,
    ...changes,
  };
}

export function batch(id: string, changes: Partial<Batch> = {}): Batch {
  return { id, target: "people", at: 1_000, intents: [intent("alice")], counts: {}, ...changes };
}

export function intent(identity: string, changes: Partial<Intent> = {}): Intent {
  const { result: _, ...rest } = entry(identity);
  return { ...rest, ...changes };
}

export function entry(identity: string, changes: Partial<JournalEntry> = {}): Omit<JournalEntry, "seq"> {
  return {
    at: 1_000,
    revision: "0123abc",
    target: "people",
    identity,
    anchor: `anchor-of-${identity}`,
    name: `uid=${identity}`,
    operation: "Update",
    result: "Done",
    item: "a1",
    reasons,
    patch: [{ op: "replace", path: "/mail/0", value: "new@example.org" }],
    before: { mail: ["old@example.org"] },
    ...changes,
  };
}

export function hold(hash: string, changes: Partial<Hold> = {}): Hold {
  const item = { hash: "a1", operation: "Disable", identity: "alice", name: "uid=alice" } as const;
  const base = { hash, target: "people", budget: "Removals", reason: "9 exceed 5", items: [item] } as const;
  return { ...base, at: 1_000, expires: 5_000, ...changes };
}

export function task(name: string, changes: Partial<Task> = {}): Task {
  const subject = { target: "people", identity: name, account: `uid=${name}` };
  const what = { items: [intent(name)], effects: ["e1", "e2"], decided: { uid: ["a"] } };
  return {
    name,
    ...subject,
    ...what,
    owner: "records",
    opened: 1_000,
    due: 5_000,
    phase: "Open",
    ...changes,
  };
}

export function manifest(name: string, changes: Partial<KnownManifest> = {}): KnownManifest {
  const spec = { identity: { name: "alice" }, reason: "a project" };
  const resource = { kind: "Grant", name, spec, digest: "d1", location: { file: "grants.yaml", line: 3 } };
  return { resource: resource as unknown as KnownManifest["resource"], changedAt: 1_000, ...changes };
}

/** All that a stream of pages gives. */
export async function collect<T>(stream: AsyncIterable<readonly T[]>): Promise<T[]> {
  return (await Array.fromAsync(stream)).flat();
}
