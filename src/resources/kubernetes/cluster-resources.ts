import type { Resources } from "../resources.ts";
import type { ClusterObject } from "./objects.ts";
import type { SecretReference } from "./secrets.ts";

/** The resources of all namespaces that are watched: one set of watches. */
export interface ClusterSource {
  /** Those that were named; where all are watched, those in which something was seen. */
  namespaces(): readonly string[];
  /** Calls back for each namespace that appears from now on, until the signal is aborted; never where they were named. */
  onNamespace(found: (namespace: string) => void, signal: AbortSignal): void;
  /** Throws for one that is not watched. */
  resources(namespace: string): ClusterResources;
  /** Whether every kind was read, or refused. */
  synced(): boolean;
  /** Why the work cannot be done somewhere: none of our kinds may be read there, or one of them is not served. Undefined where it can. */
  refused(): string | undefined;
}

/** One namespace's resources. */
export interface ClusterResources extends Resources {
  /** As last seen, its spec left out: for comparing its status before that is written. */
  object(kind: string, name: string): ClusterObject | undefined;
  /** Why what is there may be of before now: a watch is cut. Undefined where all that changes is told. */
  cut(): string | undefined;
  /** In full; undefined while they cannot be read. */
  approvals(): readonly ClusterObject[] | undefined;
  /** The same of ProvisioningTasks. */
  tasks(): readonly ClusterObject[] | undefined;
  /**
   * A key of a Secret. Throws an error that says what to do, to whoever wrote the Store, where it is missing, may not be read, or does not
   * name this Store by the label or annotation `rollcall.dev/store`.
   */
  secret(reference: SecretReference, store: string): Promise<string>;
}
