import { z } from "zod";

/** What the read API is asked, as it stands in bodies and query strings. Answers are the documents of src/report. */

/** Where clients ask, below the API's own address. */
export function apiPath(namespace: string, ...steps: readonly string[]): string {
  return `/v1/namespaces/${[namespace, ...steps].map(encodeURIComponent).join("/")}`;
}

/** Bytes of a body that are taken: 50,000 people. Reading it holds up the process for less than a second. */
export const largestBody = 16 * 1024 * 1024;

const name = z.string().min(1).max(253);

function isObject(value: unknown): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A plan of the namespace as it would be with these manifests put over its own and those taken away. */
export const planRequest = z.object({
  put: z
    .array(
      z.object({
        /** Checked as manifests are; a copy of each member would be for nothing. */
        manifest: z.custom<Readonly<Record<string, unknown>>>(isObject, "must be an object"),
        /** Where its author finds it: problems are told with it. */
        location: z.object({ file: z.string().max(4096), line: z.int().min(1) }).optional(),
      }),
    )
    .default([]),
  remove: z.array(z.object({ kind: z.string(), name })).default([]),
  /** All, where none is named. */
  targets: z.array(name).optional(),
  /** Compare every account, not only those whose version in the store changed. */
  full: z.boolean().default(false),
});

/** Lines of the journal in one answer, at most. */
export const mostLines = 10_000;

const milliseconds = z.coerce.number().int().min(0).max(8.64e15);

export const journalRequest = z.object({
  since: milliseconds.optional(),
  last: z.coerce.number().int().min(1).max(mostLines).default(mostLines),
  target: name.optional(),
  /** By name or id. */
  identity: name.optional(),
});

export const explainRequest = z.object({
  identity: name,
  /** `FIELD=VALUE` */
  edits: z.array(z.string().max(4096)).max(100).default([]),
});

export const statusRequest = z.object({ targets: z.array(name).optional() });

export type PlanRequest = z.output<typeof planRequest>;
export type JournalRequest = z.output<typeof journalRequest>;
export type ExplainRequest = z.output<typeof explainRequest>;
export type StatusRequest = z.output<typeof statusRequest>;
