import type { ErrorRow } from "../errors.ts";

/** There is no server: what can fail is the state that keeps the records. */
export const errorRows: readonly ErrorRow[] = [
  { kind: "Unavailable", meaning: "the state cannot be read, or holds a record that is none" },
  { kind: "InDoubt", meaning: "the state did not say whether it kept the change" },
  { kind: "Conflict", meaning: "another account has that name" },
  { kind: "NotFound", meaning: "the account or the entitlement is not there" },
  { kind: "Moved", meaning: "the account is no longer what was read" },
  { kind: "Invalid", meaning: "a name or a value that the declared attributes do not allow" },
];
