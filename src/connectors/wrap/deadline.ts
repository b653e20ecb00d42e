import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { CallName, Wrapper } from "./wrapper.ts";

/**
 * Ends what takes too long, whether or not the connector listens: a call, or one page of a call that answers in pages, may take `timeout`
 * ms, and no call goes on after its deadline. What was to be changed by then is in doubt.
 */
export function deadline(timeout: number, clock: Clock): Wrapper {
  return {
    answer: (name, call, next) => withSignal(call, (by, stop) => inTime(name, by, stop, () => next(by))),

    async *pages(name, call, next) {
      const stop = new AbortController();
      const by = { ...call, signal: AbortSignal.any([call.signal, stop.signal]) };
      const iterator = next(by)[Symbol.asyncIterator]();
      let over = false;
      try {
        for (;;) {
          const page = await inTime(name, by, stop, () => iterator.next());
          over = page.done === true;
          if (page.done) return;
          yield page.value;
        }
      } catch (error) {
        over = true;
        throw error;
      } finally {
        if (!over) await iterator.return?.();
      }
    },
  };

  async function inTime<T>(
    name: CallName,
    call: Call,
    stop: AbortController,
    work: () => Promise<T>,
  ): Promise<T> {
    const milliseconds = Math.min(timeout, call.deadline - clock.now());
    const answered = new AbortController();
    const late = clock.sleep(milliseconds, answered.signal).then(
      () => {
        const kind = name === "apply" ? "InDoubt" : "Unavailable";
        const error = new StoreError(kind, `got no answer to ${name} within ${Math.max(0, milliseconds)} ms`);
        stop.abort(error);
        throw error;
      },
      () => new Promise<never>(() => {}), // answered in time: the other one wins
    );
    try {
      return await Promise.race([work(), late]);
    } finally {
      answered.abort();
    }
  }
}

function withSignal<T>(call: Call, work: (call: Call, stop: AbortController) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  return work({ ...call, signal: AbortSignal.any([call.signal, stop.signal]) }, stop);
}
