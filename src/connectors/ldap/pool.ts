import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { watch } from "./session.ts";

/** A connection of one's own for a while; disposing gives it back. */
export interface Lease extends Disposable {
  readonly connection: Connection;
}

/** Logged-in connections, opened when needed and kept. Each serves one call at a time, since paging cookies and transactions live on it. */
export class Pool {
  private readonly open: (call: Call) => Promise<Connection>;
  private readonly most: number;
  private readonly idle: Connection[] = [];
  private readonly leased = new Set<Connection>();
  private readonly waiting: (() => void)[] = [];
  private taken = 0;
  private closed = false;

  constructor(most: number, open: (call: Call) => Promise<Connection>) {
    this.most = most;
    this.open = open;
  }

  /** Throws what opening a connection throws. */
  async lease(call: Call): Promise<Lease> {
    if (call.signal.aborted) throw aborted();
    await this.turn(call);
    try {
      const connection = this.reuse() ?? (await this.open(call));
      if (this.closed) connection.close();
      this.leased.add(connection);
      const stop = watch(connection, call);
      return {
        connection,
        [Symbol.dispose]: () => {
          stop();
          this.give(connection);
        },
      };
    } catch (error) {
      this.next();
      throw error;
    }
  }

  /** Closes all connections; what they have under way fails. */
  close(): void {
    this.closed = true;
    for (const connection of [...this.idle.splice(0), ...this.leased]) connection.close();
    for (const go of this.waiting.splice(0)) go();
  }

  private reuse(): Connection | undefined {
    for (let connection = this.idle.pop(); connection !== undefined; connection = this.idle.pop()) {
      if (connection.reusable) return connection;
    }
    return undefined;
  }

  private give(connection: Connection): void {
    this.leased.delete(connection);
    if (connection.reusable && !this.closed) this.idle.push(connection);
    else connection.close();
    this.next();
  }

  private async turn(call: Call): Promise<void> {
    if (this.taken >= this.most && !this.closed) await this.queue(call);
    if (this.closed) throw new StoreError("Unavailable", "cannot use the store: it was closed");
    this.taken += 1;
  }

  private async queue(call: Call): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      const place = this.waiting.indexOf(resolve);
      if (place >= 0) this.waiting.splice(place, 1);
      reject(aborted());
    };
    call.signal.addEventListener("abort", abort, { once: true });
    this.waiting.push(resolve);
    await promise;
    call.signal.removeEventListener("abort", abort);
  }

  private next(): void {
    this.taken -= 1;
    this.waiting.shift()?.();
  }
}

const aborted = () => new StoreError("Unavailable", "cannot use the store: the call was aborted");
