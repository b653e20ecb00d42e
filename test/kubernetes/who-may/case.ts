import type { ApiKindName } from "../../../src/core/kinds/kinds.ts";

/** An object of one of Rollcall's kinds, named and placed by the test. */
export interface Manifest {
  readonly kind: ApiKindName;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One edit by somebody who may write every kind, and what it takes besides. */
export interface AccessCase {
  readonly edit: string;
  /** As it stands, made by an administrator; absent: the edit makes the object. */
  readonly before?: Manifest;
  readonly after: Manifest;
  /** What the verb `grant` is needed on, as `plural/name`; several: on each. Absent: nothing. `SELF` is the object's own name. */
  readonly needs?: readonly string[];
}

export const self = "SELF";

export const names = (...list: string[]) => list.map((name) => ({ name }));
