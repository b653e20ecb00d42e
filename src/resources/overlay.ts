import { isManifestKind } from "../core/kinds/kinds.ts";
import type { ManifestParser } from "../core/kinds/parse.ts";
import type { Location, Problem, Resource } from "../core/kinds/resource.ts";
import { canonicalJson, sha256 } from "../core/model/hash.ts";
import type { Reading } from "./resources.ts";

/** Manifests to be put over those that are there, and objects to be taken away. */
export interface Overlay {
  readonly put: readonly { readonly manifest: unknown; readonly location?: Location | undefined }[];
  readonly remove: readonly { readonly kind: string; readonly name: string }[];
}

/**
 * The reading as it would be. An object that says what it said stays the very object it was. What is not valid counts as a reading's
 * invalid objects do, and is reported where its author finds it. A generator, so that the process can breathe: it yields after each manifest.
 */
export function* overlaid(
  reading: Reading,
  overlay: Overlay,
  parser: ManifestParser,
): Generator<void, Reading> {
  const resources = new Map<string, Resource>(reading.resources.map((each) => [keyOf(each), each]));
  const invalid = new Map(reading.invalid);
  const taken = new Set<string>();
  const problems: Problem[] = [];
  for (const key of overlay.remove.map(keyOf)) {
    taken.add(key);
    resources.delete(key);
    invalid.delete(key);
  }
  const sent = new Set<string>();
  for (const each of overlay.put) {
    const { key, resource, problems: found } = placed(each, reading.realm, parser, sent);
    problems.push(...found);
    yield;
    if (key === undefined) continue;
    const before = resources.get(key);
    taken.add(key);
    resources.delete(key);
    invalid.delete(key);
    if (resource) resources.set(key, before && saysTheSame(before, resource) ? before : resource);
    else invalid.set(key, wrongWith(found));
  }
  const kept = reading.problems.filter(({ kind, name }) => !taken.has(`${kind}/${name}`));
  return {
    ...reading,
    resources: [...resources.values()],
    invalid,
    problems: [...kept, ...problems],
    revision: `${reading.revision} with an overlay`,
  };
}

interface Placed {
  /** Undefined where it does not say which object it is, or says it of a task: nothing is planned from that. */
  readonly key: string | undefined;
  readonly resource: Resource | undefined;
  readonly problems: readonly Problem[];
}

function placed(
  { manifest, location }: Overlay["put"][number],
  realm: string,
  parser: ManifestParser,
  sent: Set<string>,
): Placed {
  const at = location && { location };
  if (!parser.isManifest(manifest)) {
    const message = "is no manifest: one begins with apiVersion: rollcall.dev/v1alpha1";
    return { key: undefined, resource: undefined, problems: [{ ...at, message }] };
  }
  const parsed = parser.parse(manifest, `overlay ${sha256(canonicalJson(manifest))}`);
  const { kind, name, namespace = realm, resource } = parsed;
  const problems: Problem[] = parsed.problems.map((problem) => ({ ...problem, ...at }));
  const object = { ...(kind && { kind }), ...(name && { name }), ...at };
  const fault = (field: string, message: string) => problems.push({ ...object, field, message });
  // An object of another namespace is another object: it says nothing of one of this name here.
  if (namespace !== realm)
    fault("metadata.namespace", `must be ${realm}, which is planned here: plan ${namespace} by itself`);
  const key = namespace === realm && kind && name ? `${kind}/${name}` : undefined;
  if (key !== undefined && sent.has(key)) fault("metadata.name", "is declared twice: keep one");
  if (key !== undefined) sent.add(key);
  if (kind && !isManifestKind(kind)) return { key: undefined, resource: undefined, problems };
  const valid = problems.every(({ severity }) => severity === "Warning");
  return { key, resource: valid && resource ? { ...resource, ...at } : undefined, problems };
}

/** What was sent again as it was is no change, whatever its source. */
function saysTheSame(before: Resource, after: Resource): boolean {
  return canonicalJson(before.spec) === canonicalJson(after.spec);
}

function wrongWith(problems: readonly Problem[]): string {
  const first = problems.find(({ severity }) => severity !== "Warning");
  return first ? [first.field, first.message].join(" ") : "is not valid";
}

function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}
