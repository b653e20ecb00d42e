import {
  type ApiKindName,
  isManifestKind,
  type KindName,
  kindNames,
  plurals,
} from "../../core/kinds/kinds.ts";
import type { ManifestParser } from "../../core/kinds/parse.ts";
import type { Problem, Resource } from "../../core/kinds/resource.ts";
import { startSlices } from "../slices.ts";
import { type ClusterObject, requestedAt } from "./objects.ts";

/** What one object was found to be. */
export type Verdict = { readonly problems: readonly Problem[] } & (
  | { readonly resource: Resource }
  | { readonly invalid: string }
);

interface Entry {
  /** Without its spec once that was parsed: it is not kept twice. */
  object: ClusterObject;
  verdict: Verdict | undefined;
}

export const apiKinds = Object.keys(plurals) as ApiKindName[];

/** What is known of one namespace's objects, each parsed once a generation. */
export class NamespaceObjects {
  readonly #parser: ManifestParser;
  readonly #onChange: () => void;
  readonly #kinds = new Map(apiKinds.map((kind) => [kind, new Map<string, Entry>()]));
  readonly #unparsed = new Set<Entry>();
  /** Kinds of which something is missing that was there, or may have been before we looked: to be proven. */
  readonly #missing = new Set<KindName>(kindNames);
  #newest = 0;

  constructor(parser: ManifestParser, onChange: () => void) {
    this.#parser = parser;
    this.#onChange = onChange;
  }

  get(kind: ApiKindName, name: string): ClusterObject | undefined {
    return this.#of(kind).get(name)?.object;
  }

  all(kind: ApiKindName): ClusterObject[] {
    return [...this.#of(kind).values()].map(({ object }) => object);
  }

  /** An object that somebody has deleted counts as gone, whatever finalizer still keeps it. */
  put(kind: ApiKindName, object: ClusterObject): void {
    if (object.metadata.deletionTimestamp !== undefined) {
      this.remove(kind, object);
      return;
    }
    const { name } = object.metadata;
    const before = this.#of(kind).get(name);
    if (before && sameSpec(before.object, object)) {
      const asked = before.object.metadata.annotations?.[requestedAt];
      before.object = before.verdict === undefined ? object : withoutSpec(object);
      if (asked !== object.metadata.annotations?.[requestedAt]) this.#onChange();
      return;
    }
    if (before) this.#unparsed.delete(before);
    const entry: Entry = { object, verdict: undefined };
    this.#of(kind).set(name, entry);
    if (isManifestKind(kind)) this.#unparsed.add(entry);
    this.#changed(object);
  }

  remove(kind: ApiKindName, object: ClusterObject): void {
    const before = this.#of(kind).get(object.metadata.name);
    if (before === undefined) return;
    this.#of(kind).delete(object.metadata.name);
    this.#unparsed.delete(before);
    if (isManifestKind(kind)) this.#missing.add(kind);
    this.#changed(object);
  }

  /** These are all there are of a kind. What is missing may have gone long ago: what state remembers of it counts too. */
  replace(kind: ApiKindName, objects: readonly ClusterObject[]): void {
    const there = new Set(objects.map(({ metadata }) => metadata.name));
    for (const [name, { object }] of this.#of(kind)) if (!there.has(name)) this.remove(kind, object);
    for (const object of objects) this.put(kind, object);
    if (isManifestKind(kind)) this.#missing.add(kind);
    this.#onChange();
  }

  /** Parses what is new, in slices. */
  async parse(signal?: AbortSignal): Promise<void> {
    const slices = startSlices();
    for (const entry of this.#unparsed) {
      if (slices.over()) await slices.rest();
      signal?.throwIfAborted();
      // It may have been replaced or removed meanwhile.
      if (!this.#unparsed.delete(entry)) continue;
      entry.verdict = this.#judge(entry.object);
      entry.object = withoutSpec(entry.object);
    }
  }

  /** By name; an object that is not parsed yet is left out. */
  *verdicts(kind: KindName): Generator<[string, Verdict]> {
    for (const [name, { verdict }] of this.#of(kind)) if (verdict) yield [name, verdict];
  }

  /** The newest resourceVersion that changed what is to be: they are whole numbers that go up (KEP-5504). */
  get newest(): number {
    return this.#newest;
  }

  /** Kinds whose absences are not proven yet; from now on they are the caller's to prove. */
  takeMissing(): KindName[] {
    const taken = [...this.#missing];
    this.#missing.clear();
    return taken;
  }

  /** What could not be proven. */
  giveBack(kinds: readonly KindName[]): void {
    for (const kind of kinds) this.#missing.add(kind);
  }

  get isParsed(): boolean {
    return this.#unparsed.size === 0;
  }

  #of(kind: ApiKindName): Map<string, Entry> {
    return this.#kinds.get(kind)!;
  }

  #changed({ metadata }: ClusterObject): void {
    this.#newest = Math.max(this.#newest, Number(metadata.resourceVersion));
    this.#onChange();
  }

  #judge({ status: _, ...manifest }: ClusterObject): Verdict {
    const { resource, problems } = this.#parser.parse(manifest, digestOf(manifest));
    if (resource) return { resource, problems };
    const error = problems.find(({ severity }) => severity !== "Warning");
    return { invalid: error ? `${error.field} ${error.message}` : "is not valid", problems };
  }
}

function digestOf({ metadata }: Pick<ClusterObject, "metadata">): string {
  return `${metadata.uid}/${metadata.generation}`;
}

function sameSpec(a: ClusterObject, b: ClusterObject): boolean {
  return digestOf(a) === digestOf(b);
}

function withoutSpec({ spec: _, ...object }: ClusterObject): ClusterObject {
  return object;
}
