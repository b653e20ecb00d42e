import { SqlError } from "./errors.ts";
import type { MysqlLine } from "./mysql-line.ts";

/** Connections at a time. */
const limit = 4;

/** A few connections, opened when they are needed. */
export class MysqlPool {
  readonly #open: (signal: AbortSignal) => Promise<MysqlLine>;
  readonly #lines = new Set<MysqlLine>();
  readonly #waiting: (() => void)[] = [];
  #idle: MysqlLine[] = [];
  #busy = 0;
  #closed = false;

  constructor(open: (signal: AbortSignal) => Promise<MysqlLine>) {
    this.#open = open;
  }

  /** Gives a connection to the work, and keeps it afterwards unless it is broken or the work did not end well with it. */
  async acquire(signal: AbortSignal): Promise<MysqlLine> {
    while (this.#busy >= limit && !signal.aborted) await this.#turn(signal);
    if (this.#closed) throw new SqlError("Unavailable", "Connection", "the connection was closed");
    if (signal.aborted) throw new SqlError("Retryable", "Connection", "the call was aborted");
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

  release(line: MysqlLine, usable: boolean): void {
    if (usable && line.isOpen && !this.#closed) this.#idle.push(line);
    else {
      this.#lines.delete(line);
      line.destroy();
    }
    this.#leave();
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines) line.destroy();
  }

  #leave(): void {
    this.#busy--;
    this.#waiting.shift()?.();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener("abort", go);
        resolve();
      };
      signal.addEventListener("abort", go);
      this.#waiting.push(go);
    });
  }
}
