import { abortedCall } from "./process.ts";

/** Lets so many be at work at a time; the others wait, in the order of asking. */
export class Seats {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedCall();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const seated = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(seated), 1);
        reject(abortedCall());
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(seated);
    });
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
