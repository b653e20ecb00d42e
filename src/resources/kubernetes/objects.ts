import { z } from "zod";

/** What we need of `metav1.ObjectMeta`; the rest, `managedFields` above all, is dropped: half of an object's memory. */
export interface ObjectMeta {
  readonly name: string;
  /** Empty for what lies in no namespace. */
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Goes up with each change of the spec. */
  readonly generation: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp: string;
  /** Somebody has deleted it; it goes once its finalizers are done. */
  readonly deletionTimestamp?: string;
}

/** An object as the API server has it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The annotation by which people ask for a pass of a Target, or of all of a Store: any text that was not there before, a time by custom. */
export const requestedAt = "rollcall.dev/requestedAt";

const texts = z.record(z.string(), z.string());

const meta = z.object({
  name: z.string(),
  namespace: z.string().default(""),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().default(0),
  labels: texts.optional(),
  annotations: texts.optional(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
});

const object = z.object({
  apiVersion: z.string().default(""),
  kind: z.string().default(""),
  metadata: meta,
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
});

const metaOnly = z.object({ metadata: meta });

/** Throws where it is no object of an API server. */
export function parseObject(value: unknown): ClusterObject {
  return object.parse(value) as ClusterObject;
}

/** Throws as `parseObject` does. */
export function parseMeta(value: unknown): ObjectMeta {
  return metaOnly.parse(value).metadata as ObjectMeta;
}

/** `acme/alice`: one of a kind. */
export function keyOf({ metadata }: { readonly metadata: ObjectMeta }): string {
  return `${metadata.namespace}/${metadata.name}`;
}
