/**
 * What can go wrong with a store: a closed set, mapped once by each connector from its own codes. The engine decides by the kind alone.
 *
 * | kind | the engine |
 * | --- | --- |
 * | Retryable | tries again later, with backoff: busy, deadlock, time-out before anything was sent |
 * | RateLimited | waits `retryAfter`, then tries again |
 * | Unavailable | the store is down or gave a partial answer: the pass ends, nothing is concluded |
 * | Unauthenticated | the whole store stalls until its credential changes |
 * | Conflict | another object has that name or key: the item is reported, a person must act |
 * | NotFound | the object is gone: it is read again |
 * | Moved | `expect` failed: it is read and planned again |
 * | Denied | the credential lacks a right: the item is reported |
 * | Invalid | the store refuses the value: the item is reported with the store's words |
 * | InDoubt | sent, and no answer came: looked up before anything else |
 */
export type StoreErrorKind =
  | "Retryable"
  | "RateLimited"
  | "Unavailable"
  | "Unauthenticated"
  | "Conflict"
  | "NotFound"
  | "Moved"
  | "Denied"
  | "Invalid"
  | "InDoubt";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreErrorKind;
  /** Milliseconds to wait, for `RateLimited`. */
  readonly retryAfter: number | undefined;

  /** `message` is a verb phrase that names the object and the cause: `cannot bind as cn=rollcall: invalid credentials (49)`. */
  constructor(kind: StoreErrorKind, message: string, options?: { cause?: unknown; retryAfter?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfter = options?.retryAfter;
  }
}
