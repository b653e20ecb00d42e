import type { Problem } from "./resource.ts";

/** Tells one problem of an object from another, whichever check has found it and wherever the object stands. */
export function problemKey({ kind, name, field, message }: Problem): string {
  return [kind, name, field, message].join("\n");
}
