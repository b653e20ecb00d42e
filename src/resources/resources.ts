import type { Problem, Resource } from "../core/kinds/resource.ts";

/** Where manifests come from: a folder, later a cluster. */
export interface Resources {
  /** For people: the folder, the cluster's context. */
  readonly place: string;
  /** Everything there is, in a state that held still while it was read. Cheap when little has changed since the last call. */
  read(signal?: AbortSignal): Promise<Reading>;
  /** Calls back, coalesced, when reading again may give something else, until aborted. Resolves once it is watching. */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** What was read at one moment. */
export interface Reading {
  /** The namespace of the objects, or `default`: one organisation. */
  readonly realm: string;
  /** The valid objects, at most one of a kind and name. */
  readonly resources: readonly Resource[];
  /** Objects that are there and not valid, as `Kind/name`, with what is wrong. */
  readonly invalid: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  /** Whether an object that is not in this reading is proven to be gone (law 4). */
  readonly complete: Complete;
  /** The Git commit, `-dirty` appended where the folder differs from it; `digest:` and a hash outside of Git. */
  readonly revision: string;
}

export type Complete = { readonly ok: true } | { readonly ok: false; readonly reason: string };
