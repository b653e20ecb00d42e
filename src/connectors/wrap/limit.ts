import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { pause } from "./pause.ts";
import { unsent } from "./unsent.ts";
import type { Wrapper } from "./wrapper.ts";

export interface Limits {
  /** Calls under way at once; a call that answers in pages counts while a page is awaited. */
  readonly concurrency: number;
  /** Changes a second. */
  readonly perSecond?: number | undefined;
}

/** Spaces the calls to one store. */
export function limit({ concurrency, perSecond }: Limits, clock: Clock): Wrapper {
  const waiting: (() => void)[] = [];
  let free = concurrency;
  let nextChange = 0;

  async function slot(call: Call): Promise<void> {
    if (free > 0) {
      free--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => {
      const place = waiting.indexOf(resolve);
      if (place < 0) return; // its turn has come already
      waiting.splice(place, 1);
      reject(
        new StoreError("Retryable", "stopped waiting for a free call to the store: the call was aborted"),
      );
    };
    waiting.push(resolve);
    call.signal.addEventListener("abort", stop, { once: true });
    await promise;
    call.signal.removeEventListener("abort", stop);
  }

  function done(): void {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }

  async function held<T>(call: Call, work: () => Promise<T>): Promise<T> {
    if (call.signal.aborted)
      throw new StoreError("Retryable", "sent nothing to the store: the call was aborted");
    await slot(call);
    try {
      return await work();
    } finally {
      done();
    }
  }

  const pages: NonNullable<Wrapper["pages"]> = async function* (_name, call, next) {
    const iterator = next(call)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const page = await held(call, () => iterator.next());
        if (page.done) return;
        yield page.value;
      }
    } finally {
      await iterator.return?.();
    }
  };

  return {
    answer: (_name, call, next) => held(call, () => next(call)),
    pages,
    async *apply(changes, call, next) {
      const size = Math.max(1, Math.min(perSecond ?? changes.length, changes.length));
      for (let at = 0; at < changes.length; at += size) {
        const some = changes.slice(at, at + size);
        try {
          if (perSecond !== undefined) await turn(some.length, perSecond, call);
        } catch (error) {
          yield* unsent(changes.slice(at), error);
          return;
        }
        yield* pages("apply", call, (by) => next(some, by));
      }
    },
  };

  async function turn(changes: number, perSecond: number, call: Call): Promise<void> {
    const start = Math.max(clock.now(), nextChange);
    await pause(clock, start - clock.now(), call);
    nextChange = Math.max(start, nextChange) + (changes * 1_000) / perSecond;
  }
}
