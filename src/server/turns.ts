import { Refusal } from "./refusal.ts";

/** Lets so many do something at once, and so many wait. */
export class Turns {
  readonly #places: number;
  readonly #mostWaiting: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(places: number, mostWaiting: number) {
    this.#places = places;
    this.#mostWaiting = mostWaiting;
  }

  /** Does it when there is a place. Throws a `Refusal` (429) where too many wait already; the signal's reason where it is aborted first. */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#place(signal);
    try {
      return await work();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#taken--;
    }
  }

  async #place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.#places) {
      this.#taken++;
      return;
    }
    if (this.#waiting.size >= this.#mostWaiting)
      throw new Refusal(429, "too many are asking at once: try again in a moment", 5);
    await this.#handedOver(signal);
  }

  /** Resolves when whoever is done leaves its place to this one. */
  #handedOver(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const called = () => {
      this.#waiting.delete(called);
      signal.removeEventListener("abort", left);
      resolve();
    };
    const left = () => {
      this.#waiting.delete(called);
      reject(signal.reason);
    };
    this.#waiting.add(called);
    signal.addEventListener("abort", left, { once: true });
    return promise;
  }
}
