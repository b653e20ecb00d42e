import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { unsent } from "./unsent.ts";
import type { Wrapper } from "./wrapper.ts";

export interface BreakerOptions {
  /** Calls without an answer, in a row, that open it. */
  readonly failures: number;
  /** Milliseconds it stays open at first; doubled each time the trial call fails too. */
  readonly first: number;
  readonly longest: number;
}

export interface Breaker extends Wrapper {
  /** False while calls fail without being sent. */
  readonly closed: boolean;
}

const unanswered: ReadonlySet<StoreErrorKind> = new Set(["Unavailable", "InDoubt"]);
const openError = () =>
  new StoreError("Unavailable", "sent nothing to the store: it failed again and again, and is tried later");

/** Spares a store that is down: while it is open calls fail at once, then one is let through to see whether the store is back. */
export function circuitBreaker({ failures, first, longest }: BreakerOptions, clock: Clock): Breaker {
  let inARow = 0;
  let wait = first;
  let openUntil: number | undefined;
  let trying = false;

  const isOpen = () => openUntil !== undefined && (trying || clock.now() < openUntil);

  function enter(): void {
    if (openUntil === undefined) return;
    if (isOpen()) throw openError();
    trying = true;
  }

  function answered(): void {
    inARow = 0;
    wait = first;
    openUntil = undefined;
    trying = false;
  }

  function failed(error: unknown): void {
    const kind = error instanceof StoreError ? error.kind : "Retryable";
    const trial = trying;
    trying = false;
    if (kind === "Retryable") return; // nothing was learnt
    if (!unanswered.has(kind)) {
      answered(); // a refusal is an answer
      return;
    }
    inARow++;
    if (openUntil !== undefined && !trial) return; // began before it opened
    if (trial) wait = Math.min(longest, wait * 2);
    if (trial || inARow >= failures) openUntil = clock.now() + wait;
  }

  const pages: NonNullable<Wrapper["pages"]> = async function* (_name, call, next) {
    enter();
    let known = false;
    try {
      for await (const page of next(call)) {
        if (!known) answered();
        known = true;
        yield page;
      }
      if (!known) answered();
      known = true;
    } catch (error) {
      failed(error);
      known = true;
      throw error;
    } finally {
      if (!known) trying = false; // left before the first page: nothing was learnt
    }
  };

  return {
    get closed() {
      return openUntil === undefined;
    },
    async answer(_name, call, next) {
      enter();
      try {
        const result = await next(call);
        answered();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      }
    },
    pages,
    async *apply(changes, call, next) {
      if (isOpen()) yield* unsent(changes, openError());
      else yield* pages("apply", call, (by) => next(changes, by));
    },
  };
}
