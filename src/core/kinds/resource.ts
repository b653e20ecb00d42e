import type { KindName, Specs } from "./kinds.ts";

/** Where an object stands in its source, for error texts: `people/alice.yaml:12`. */
export interface Location {
  readonly file: string;
  readonly line: number;
}

/** A valid object of one kind. */
export interface Resource<K extends KindName = KindName> {
  readonly kind: K;
  readonly name: string;
  readonly spec: Specs[K];
  /** Changes whenever the object's source does; compared for equality only. */
  readonly digest: string;
  readonly location?: Location;
}

/** A valid object of whichever kind: `kind` tells what `spec` is. */
export type AnyResource = { readonly [K in KindName]: Resource<K> }[KindName];

/** A finding about a manifest: what was found, where, and what was expected. */
export interface Problem {
  readonly kind?: string;
  readonly name?: string;
  readonly location?: Location;
  /** `spec.accounts.attributes.mail.expression` */
  readonly field?: string;
  readonly message: string;
  /** Absent: an error. A warning stops nothing. */
  readonly severity?: "Error" | "Warning";
}

/** Whether an object in force is what its source says now. */
export type Standing =
  /** It is. */
  | { readonly status: "Current" }
  /** Its source holds something invalid or unreadable: its last valid version stays in force. */
  | { readonly status: "Held"; readonly reason: string }
  /** Its source no longer has it, completely read, since `at` (ms): in force until that has settled. */
  | { readonly status: "Vanished"; readonly at: number };

export interface InForce<K extends KindName = KindName> {
  readonly resource: Resource<K>;
  readonly standing: Standing;
}

/**
 * What is in force at one moment: everything that decisions are made from. Built by `resources/` from what was read now and
 * what was last valid; read by the core.
 */
export interface Snapshot {
  /** The Git commit, `dirty` appended where the tree was; or a resourceVersion; or a digest of the files. */
  readonly revision: string;
  readonly objects: { readonly [K in KindName]: ReadonlyMap<string, InForce<K>> };
  /** Objects that are there but never were valid, as `Kind/name`: what refers to them is held. */
  readonly unknown: ReadonlyMap<string, string>;
  /** Kinds that could not be read, with why: there may be objects that nobody has seen. */
  readonly unread: ReadonlyMap<KindName, string>;
  /** When a role, profile, grant, target or policy last changed (ms). */
  readonly policyChangedAt: number;
  readonly problems: readonly Problem[];
}
