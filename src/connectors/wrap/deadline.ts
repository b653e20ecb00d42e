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
      const watch = new Watch(timeout, clock, call, (milliseconds) => late(name, milliseconds, stop));
      let over = false;
      try {
        for (;;) {
          const page = await watch.over(iterator.next());
          over = page.done === true;
          if (page.done) return;
          yield page.value;
        }
      } catch (error) {
        over = true;
        throw error;
      } finally {
        watch.end();
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
    const tooLate = clock.sleep(milliseconds, answered.signal).then(
      () => {
        throw late(name, milliseconds, stop);
      },
      () => new Promise<never>(() => {}), // answered in time: the other one wins
    );
    try {
      return await Promise.race([work(), tooLate]);
    } finally {
      answered.abort();
    }
  }
}

function withSignal<T>(call: Call, work: (call: Call, stop: AbortController) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  return work({ ...call, signal: AbortSignal.any([call.signal, stop.signal]) }, stop);
}

/** Stops the work, and says why. */
function late(name: CallName, milliseconds: number, stop: AbortController): StoreError {
  const kind = name === "apply" ? "InDoubt" : "Unavailable";
  const seconds = Math.round(Math.max(0, milliseconds) / 100) / 10;
  const error = new StoreError(
    kind,
    `got no answer to ${name} within ${seconds} s: see what holds the store up (a lock, load, the network)`,
  );
  stop.abort(error);
  return error;
}

/** Watches over the pages of one call, with one timer for all: there may be a hundred thousand. */
class Watch {
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #late: (milliseconds: number) => StoreError;
  readonly #ended = new AbortController();
  #since = 0;
  /** Undefined while nothing is waited for. */
  #fail: ((error: StoreError) => void) | undefined;

  constructor(timeout: number, clock: Clock, call: Call, late: (milliseconds: number) => StoreError) {
    this.#timeout = timeout;
    this.#clock = clock;
    this.#deadline = call.deadline;
    this.#late = late;
    this.#since = clock.now();
    void this.#run().catch(() => {}); // it is over
  }

  /** What the promise gives, if it comes in time. */
  over<T>(promise: Promise<T>): Promise<T> {
    this.#since = this.#clock.now();
    return new Promise<T>((resolve, reject) => {
      this.#fail = reject;
      const settled = () => {
        this.#fail = undefined;
      };
      promise.then(settled, settled);
      promise.then(resolve, reject);
      if (this.#deadline <= this.#since) this.#giveUp();
    });
  }

  end(): void {
    this.#ended.abort();
  }

  async #run(): Promise<void> {
    for (;;) {
      // While nothing is waited for, the next page's time cannot be over sooner than this.
      const since = this.#fail ? this.#since : this.#clock.now();
      const left = Math.min(since + this.#timeout, this.#deadline) - this.#clock.now();
      if (this.#fail && left <= 0) this.#giveUp();
      await this.#clock.sleep(left > 0 ? left : this.#timeout, this.#ended.signal);
    }
  }

  #giveUp(): void {
    const milliseconds = Math.min(this.#timeout, this.#deadline - this.#since);
    this.#fail?.(this.#late(milliseconds));
  }
}
