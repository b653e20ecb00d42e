import type { KindName } from "../core/kinds/kinds.ts";
import type { TaskAnswer } from "../core/kinds/provisioning-task.ts";
import type { Problem, Resource } from "../core/kinds/resource.ts";

/** Where manifests come from: a folder or a cluster. */
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
  /** What people say of tasks. */
  readonly answers: readonly TaskAnswer[];
  readonly problems: readonly Problem[];
  /** Whether an object that is not in this reading is proven to be gone (law 4). */
  readonly complete: Complete;
  /** Kinds that could not be read, with why: their known objects stay in force, and there may be others. Empty for a folder. */
  readonly unread: ReadonlyMap<KindName, string>;
  /**
   * What holds a kind's objects and can be taken away with all of them (in a cluster its definition and the namespace), by a name of
   * its own that it never gets again. An object last seen in another one is not proven to be gone. Empty for a folder.
   */
  readonly origins: ReadonlyMap<KindName, string>;
  /** The Git commit, `-dirty` appended where the folder differs from it; `digest:` and a hash outside of Git; in a cluster `resourceVersion:` and the newest. */
  readonly revision: string;
}

export type Complete = { readonly ok: true } | { readonly ok: false; readonly reason: string };
