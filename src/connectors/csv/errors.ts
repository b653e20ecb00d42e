import type { ErrorRow, StoreErrorKind } from "../errors.ts";

/** The file system's codes that say something about rights; all others mean that the file cannot be had. */
const codes: readonly Required<ErrorRow>[] = [
  { code: "EACCES", kind: "Denied", meaning: "the file or its folder may not be read or written" },
  { code: "EPERM", kind: "Denied", meaning: "the file's owner or mode may not be kept" },
  { code: "EROFS", kind: "Denied", meaning: "the disk is mounted read-only" },
];

export function fileErrorKind(code: string | undefined): StoreErrorKind {
  return codes.find((row) => row.code === code)?.kind ?? "Unavailable";
}

export const errorRows: readonly ErrorRow[] = [
  ...codes,
  { kind: "Unavailable", meaning: "any other error of the file system: no such file, disk full" },
  { kind: "Unavailable", meaning: "a file that is not a whole table in its encoding" },
  { kind: "Retryable", meaning: "somebody changed the file while it was read, or since" },
  { kind: "Conflict", meaning: "another line has that key or id" },
  { kind: "NotFound", meaning: "the line or the entitlement is not there" },
  { kind: "Moved", meaning: "the line is no longer what was read" },
  { kind: "Invalid", meaning: "a value, a column or an encoding that the file does not take" },
];
