import type { KindName } from "./kinds.ts";
import type { Resource } from "./resource.ts";

export interface ManifestKey {
  readonly kind: KindName;
  readonly name: string;
}

/** What is remembered of a manifest in its last valid form. */
export interface KnownManifest {
  readonly resource: Resource;
  /** Since when the source, completely read, no longer has it (ms). */
  readonly vanishedAt?: number;
  /** When its source last changed (ms). */
  readonly changedAt: number;
  /** What held it when it was last seen: see `Reading.origins`. */
  readonly origin?: string;
}
