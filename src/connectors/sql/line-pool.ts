import { abortedCall, SqlError } from "./errors.ts";

/** Connections at a time. */
const limit = 4;

/** A connection that does one thing at a time. */
export interface Line {
  /** It was not lost, as far as it knows. */
  readonly isOpen: boolean;
  /** Ends it, and what it is doing. */
  destroy(): void;
}

/** A few connections, opened when they are needed. */
export class LinePool<L extends Line> {
  readonly #open: (signal: AbortSignal) => Promise<L>;
  readonly #lines = new Set<L>();
  readonly #waiting = new Set<() => void>();
  #idle: L[] = [];
  #busy = 0;
  #closed = false;

  constructor(open: (signal: AbortSignal) => Promise<L>) {
    this.#open = open;
  }

  /** Gives a connection to the work, and keeps it afterwards unless it is broken or the work did not end well with it. */
  async acquire(signal: AbortSignal): Promise<L> {
    while (this.#busy >= limit && !signal.aborted) await this.#turn(signal);
    if (this.#closed || signal.aborted) {
      this.#next();
      throw this.#closed
        ? new SqlError("Unavailable", "Connection", "the connection was closed")
        : abortedCall();
    }
    this.#busy++;
    try {
      this.#idle = this.#idle.filter((line) => line.isOpen);
      const line = this.#idle.pop() ?? (await this.#open(signal));
      this.#lines.add(line);
      return line;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Where one connection was lost, those that nobody uses will be too. */
  release(line: L, usable: boolean): void {
    if (usable && line.isOpen && !this.#closed) this.#idle.push(line);
    else {
      for (const each of [line, ...this.#idle]) this.#drop(each);
      this.#idle = [];
    }
    this.#leave();
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines) line.destroy();
  }

  #drop(line: L): void {
    this.#lines.delete(line);
    line.destroy();
  }

  #leave(): void {
    this.#busy--;
    this.#next();
  }

  #next(): void {
    const [go] = this.#waiting;
    go?.();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener("abort", go);
        this.#waiting.delete(go);
        resolve();
      };
      signal.addEventListener("abort", go);
      this.#waiting.add(go);
    });
  }
}
