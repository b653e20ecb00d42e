import type { ErrorRow } from "../errors.ts";

/** The store refuses by itself: there is no server behind it whose codes could be mapped. */
export const errorRows: readonly ErrorRow[] = [
  { kind: "Unavailable", meaning: "the file cannot be read or written, or is not a store's" },
  { kind: "Retryable", meaning: "somebody changed the file since it was read" },
  { kind: "Conflict", meaning: "another account or entitlement has that name" },
  { kind: "NotFound", meaning: "the account or the entitlement is not there" },
  { kind: "Moved", meaning: "the account is no longer what was read" },
  { kind: "Invalid", meaning: "a name or a value that the declared attributes do not allow" },
];
