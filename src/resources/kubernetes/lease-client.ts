import { ApiError, type ClusterApi } from "./api.ts";
import {
  heldLease,
  holderOf,
  isSame,
  type LeaseObject,
  newLease,
  parseLease,
  releasedLease,
} from "./lease-record.ts";

export interface LeaseClientOptions {
  readonly api: Pick<ClusterApi, "request">;
  readonly namespace: string;
  readonly name: string;
  /** Who we are: no other process may ever use it, not even this one when it is started again. */
  readonly holder: string;
  readonly clock: { steady(): number; now(): number };
  /** Milliseconds that others leave a Lease alone that is not renewed any more. */
  readonly duration: number;
  /** Milliseconds that an answer is waited for. */
  readonly patience: number;
}

/**
 * Reads and writes one Lease. Every write names the version that it replaces, so that of two processes one wins. Methods throw an
 * `ApiError`, or a ZodError for an answer that is no Lease.
 */
export class LeaseClient {
  readonly #options: LeaseClientOptions;
  /** What it last said, and since when we have seen it say so, by our own clock. */
  #seen: { readonly lease: LeaseObject; readonly since: number } | undefined;
  /** As our last write left it; undefined when it may be otherwise. */
  #own: LeaseObject | undefined;

  constructor(options: LeaseClientOptions) {
    this.#options = options;
  }

  get seen(): LeaseObject | undefined {
    return this.#seen?.lease;
  }

  /** Who else is seen to hold it. */
  get otherHolder(): string | undefined {
    const holder = this.#seen && holderOf(this.#seen.lease);
    return holder === this.#options.holder ? undefined : holder;
  }

  /** Takes it unless another one holds it. Gives the steady time just before it was ours. */
  async take(): Promise<number | undefined> {
    const lease = await this.#look();
    // Whoever was seen to hold it may believe so until it has run out, even if it was deleted.
    return this.#isRunning() ? undefined : this.#hold(lease);
  }

  /** Gives the steady time just before it was renewed; undefined when it is no more ours. */
  async renew(): Promise<number | undefined> {
    const lease = this.#own ?? (await this.#look());
    return lease && holderOf(lease) === this.#options.holder ? this.#hold(lease) : undefined;
  }

  /** Gives it back if it is ours; whether it was. */
  async release(): Promise<boolean> {
    const lease = this.#own ?? (await this.#look());
    if (!lease || holderOf(lease) !== this.#options.holder) return false;
    await this.#write("PUT", releasedLease(lease, this.#options.clock.now()));
    return true;
  }

  #isRunning(): boolean {
    if (!this.#seen || this.otherHolder === undefined) return false;
    const { lease, since } = this.#seen;
    const duration = (lease.spec.leaseDurationSeconds ?? 0) * 1_000 || this.#options.duration;
    return this.#options.clock.steady() < since + duration;
  }

  async #look(): Promise<LeaseObject | undefined> {
    try {
      return this.#see(await this.#request("GET", `/${this.#options.name}`));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #hold(lease: LeaseObject | undefined): Promise<number> {
    const { namespace, name, holder, duration, clock } = this.#options;
    const sent = clock.steady();
    const held = heldLease(lease ?? newLease(namespace, name), { holder, duration, now: clock.now() });
    await this.#write(lease ? "PUT" : "POST", held);
    return sent;
  }

  async #write(method: "PUT" | "POST", lease: LeaseObject): Promise<void> {
    this.#own = undefined;
    const answer = await this.#request(method, method === "PUT" ? `/${this.#options.name}` : "", lease);
    this.#own = this.#see(answer);
  }

  #see(answer: unknown): LeaseObject {
    const lease = parseLease(answer);
    if (!this.#seen || !isSame(this.#seen.lease, lease))
      this.#seen = { lease, since: this.#options.clock.steady() };
    return lease;
  }

  #request(method: "GET" | "PUT" | "POST", below: string, body?: LeaseObject): Promise<unknown> {
    const { api, namespace, patience } = this.#options;
    const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases${below}`;
    return api.request({ method, path, timeout: patience, ...(body && { body }) });
  }
}
