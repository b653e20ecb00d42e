import { FormatError } from "../../formats/row.ts";
import { type ErrorRow, StoreError, type StoreErrorKind } from "../errors.ts";

/** The file system's codes that say something about rights; all others mean that the file cannot be had. */
const codes: readonly Required<ErrorRow>[] = [
  { code: "EACCES", kind: "Denied", meaning: "the file or its folder may not be read or written" },
  { code: "EPERM", kind: "Denied", meaning: "the file's owner or mode may not be kept" },
  { code: "EROFS", kind: "Denied", meaning: "the disk is mounted read-only" },
];

/** What the file connectors' retry tables have in common. */
export const fileErrorRows: readonly ErrorRow[] = [
  ...codes,
  { kind: "Denied", meaning: "a path that leads outside the operator's root, or to what is no file" },
  { kind: "Unavailable", meaning: "any other error of the file system: no such file, disk full" },
  { kind: "Unavailable", meaning: "a file that is not whole and well-formed in its encoding" },
  { kind: "Unavailable", meaning: "more or fewer rows than there may be" },
  { kind: "Retryable", meaning: "somebody changed the file while it was read, or since" },
  { kind: "Retryable", meaning: "somebody else holds the file's lock" },
  { kind: "Conflict", meaning: "another row has that name or id" },
  { kind: "NotFound", meaning: "the row or the entitlement is not there" },
  { kind: "Moved", meaning: "the row is no longer what was read" },
  { kind: "Invalid", meaning: "a value, a column or an encoding that the file does not take" },
];

const missing = {
  read: "it is not there; put it back, or correct its name in the Store",
  write: "its folder is not there; make it, or correct the name",
};

/** Turns the errors of the file system and of a format into a `StoreError` that names the file. */
export async function named<T>(file: string, action: "read" | "write", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw nameError(file, action, error);
  }
}

export function nameError(file: string, action: "read" | "write", error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = `cannot ${action} ${file}: ${code === "ENOENT" ? missing[action] : message}`;
  // Not a cause: nothing of a row's content may get into an error.
  if (error instanceof FormatError) return new StoreError("Unavailable", text);
  if (error instanceof StoreError || code === undefined) return error;
  return new StoreError(kindOf(code), text, { cause: error });
}

function kindOf(code: string): StoreErrorKind {
  return codes.find((row) => row.code === code)?.kind ?? "Unavailable";
}
