/**
 * What can go wrong with a state: a closed set; callers decide by the kind alone.
 *
 * | kind | means |
 * | --- | --- |
 * | NoState | there is none at this place: a first run, or it was lost |
 * | Foreign | it belongs to another realm, or is no state at all |
 * | Newer | a later Rollcall has made it |
 * | Older | it has to be brought up to date first, by a command that writes |
 * | Locked | another process writes to it, or has written since we did |
 * | ReadOnly | it was opened for reading |
 * | Unavailable | its database cannot be reached, or answers no more; what was being written may have been kept |
 * | Denied | the file's mode or the database's rights forbid it |
 * | Full | no room is left: nothing of the call was kept |
 * | Damaged | its file is not what was written |
 * | Conflict | what was to be kept contradicts what is kept: nothing of the call was kept |
 */
export type StateErrorKind =
  | "NoState"
  | "Foreign"
  | "Newer"
  | "Older"
  | "Locked"
  | "ReadOnly"
  | "Unavailable"
  | "Denied"
  | "Full"
  | "Damaged"
  | "Conflict";

export class StateError extends Error {
  override readonly name = "StateError";
  readonly kind: StateErrorKind;

  /** `message` names the state's place, the cause and the cure. */
  constructor(kind: StateErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

export function isStateError(error: unknown, kind: StateErrorKind): error is StateError {
  return error instanceof StateError && error.kind === kind;
}
