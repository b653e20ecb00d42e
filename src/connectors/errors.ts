/** What can go wrong with a store: a closed set, mapped once by each connector from its own codes. The engine decides by the kind alone. */
export const errorKinds = {
  Retryable: "tries again later, with backoff: busy, deadlock, time-out before anything was sent",
  RateLimited: "waits as long as the store asks, then tries again",
  Unavailable: "takes the store for down, or its answer for partial: the pass ends, nothing is concluded",
  Unauthenticated: "stalls the whole store until its credential changes",
  Conflict: "reports the item: another object has that name or key, and a person must act",
  NotFound: "reads the object again: it is gone",
  Moved: "reads and plans again: it is no longer what was read",
  Denied: "reports the item: the credential lacks a right",
  Invalid: "reports the item in the store's words: it refuses the value",
  InDoubt: "looks the change up before anything else: it was sent, and no answer came",
} as const;

export type StoreErrorKind = keyof typeof errorKinds;

/** One of a connector's own errors, and what it is to the engine: for the docs, from the data that the connector itself decides by. */
export interface ErrorRow {
  /** The store's own code; absent for what the connector finds by itself. */
  readonly code?: string;
  /** In a few words, without a capital: `deadlock`. */
  readonly meaning: string;
  readonly kind: StoreErrorKind;
}

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
