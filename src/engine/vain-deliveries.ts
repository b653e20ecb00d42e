import { StoreError } from "../connectors/errors.ts";
import { type Backoff, delayAfter } from "./backoff.ts";

/** From one password that was delivered in vain to the next: whoever receives them is to get a few, not one with every retry. */
const patience: Backoff = { first: 30_000, longest: 3_600_000 };

interface Vain {
  readonly times: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly error: StoreError;
}

/** Whose generated passwords were delivered and not set, and when there may be another. Forgotten with the process, or when the target is another. */
export class VainDeliveries {
  readonly #known = new Map<string, Vain>();

  /** Throws what came of the last one, while it is too early for another. */
  check(identity: string, now: number): void {
    const vain = this.#known.get(identity);
    if (!vain || now >= vain.until) return;
    const { kind, message } = vain.error;
    const then = new Date(vain.until).toISOString();
    throw new StoreError(kind, `${message}; another password is made after ${then}`);
  }

  /** `error`: why it was not set; undefined: it was. */
  note(identity: string, error: StoreError | undefined, now: number): void {
    if (!error) {
      this.#known.delete(identity);
      return;
    }
    const times = (this.#known.get(identity)?.times ?? 0) + 1;
    this.#known.set(identity, { times, until: now + delayAfter(times, patience, 1), error });
  }

  /** A person asks for another one. */
  forget(identity: string): void {
    this.#known.delete(identity);
  }
}
