import type { KindName } from "../core/kinds/kinds.ts";
import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";

/** Everything that is remembered of manifests, by kind and name. */
export type Known = { readonly [K in KindName]: ReadonlyMap<string, KnownManifest> };

export interface ManifestChanges {
  readonly put: readonly KnownManifest[];
  readonly remove: readonly ManifestKey[];
}

/** `Identity/alice` */
export function manifestKey({ kind, name }: ManifestKey): string {
  return `${kind}/${name}`;
}

/** The manifests a caller knows, kept in step with what it saves. */
export class KnownManifests implements Known {
  readonly Identity = new Map<string, KnownManifest>();
  readonly BusinessRole = new Map<string, KnownManifest>();
  readonly AccessProfile = new Map<string, KnownManifest>();
  readonly Grant = new Map<string, KnownManifest>();
  readonly Store = new Map<string, KnownManifest>();
  readonly Target = new Map<string, KnownManifest>();
  readonly Export = new Map<string, KnownManifest>();

  constructor(manifests: readonly KnownManifest[] = []) {
    this.apply({ put: manifests, remove: [] });
  }

  /** To be called once the changes are saved. */
  apply({ put, remove }: ManifestChanges): void {
    for (const { kind, name } of remove) this[kind].delete(name);
    for (const manifest of put) this[manifest.resource.kind].set(manifest.resource.name, manifest);
  }
}
