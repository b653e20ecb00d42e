import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";

/** Everything that is remembered of manifests, by `manifestKey`. */
export type Known = ReadonlyMap<string, KnownManifest>;

/** `Identity/alice` */
export function manifestKey({ kind, name }: ManifestKey): string {
  return `${kind}/${name}`;
}

export function knownManifests(manifests: Iterable<KnownManifest>): Map<string, KnownManifest> {
  return new Map(Iterator.from(manifests).map((manifest) => [manifestKey(manifest.resource), manifest]));
}

/** What is known once these changes are saved. */
export function remember(
  known: Map<string, KnownManifest>,
  changes: { readonly put: readonly KnownManifest[]; readonly remove: readonly ManifestKey[] },
): void {
  for (const manifest of changes.put) known.set(manifestKey(manifest.resource), manifest);
  for (const key of changes.remove) known.delete(manifestKey(key));
}
