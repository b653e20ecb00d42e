import { setTimeout as wait } from "node:timers/promises";
import { ApiError } from "./api.ts";
import { LeaseClient, type LeaseClientOptions } from "./lease-client.ts";
import { isHeldAlive } from "./lease-record.ts";

export interface LeaseOptions extends Pick<LeaseClientOptions, "api" | "namespace" | "name" | "holder"> {
  readonly clock: LeaseClock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly tell: (event: LeaseEvent) => void;
  readonly timing?: LeaseTiming;
}

export interface LeaseClock {
  /** Milliseconds that only ever go forward: what everything is decided by. They mean nothing to another process. */
  steady(): number;
  /** Milliseconds since the epoch, for people. */
  now(): number;
  /** Rejects when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const leaseClock: LeaseClock = {
  steady: () => performance.now(),
  now: () => Date.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
};

/** Milliseconds. */
export interface LeaseTiming {
  /** How long others leave a Lease alone that is not renewed any more; whole seconds. */
  readonly duration: number;
  readonly renewEvery: number;
  /** After a request that failed, and between two looks at a Lease that another one holds. */
  readonly retryEvery: number;
  /** How long one leads after a renewal was sent. Well below `duration`: clocks need not run equally fast. */
  readonly deadline: number;
  /** How long an answer is waited for. */
  readonly patience: number;
}

/** A killed leader is followed after 12 s and a look; two answers in a row may be lost before leadership is. */
export const leaseTiming: LeaseTiming = {
  duration: 12_000,
  renewEvery: 3_000,
  retryEvery: 1_000,
  deadline: 8_000,
  patience: 2_000,
};

export type LeaseEvent =
  | { readonly kind: "Leading"; readonly transitions: number }
  /** Another one leads: told once for each. */
  | { readonly kind: "Following"; readonly holder: string }
  | { readonly kind: "Lost"; readonly reason: string }
  /** The first request of a row that failed: it is tried again for as long as it takes. */
  | { readonly kind: "Failed"; readonly error: Error };

/** The right to lead, from when the Lease was taken until it is lost or released. */
export interface Leadership {
  /** Aborted once it is lost; not by releasing it. */
  readonly lost: AbortSignal;
  /** Milliseconds for which nobody else can lead by the Lease; 0 once it is lost. True even if the process was stopped for a while. */
  timeLeft(): number;
  /** Lets another one lead at once. For when all work has ended. */
  release(): Promise<void>;
}

/** Another process holds the Lease and is alive, where there may be no other. */
export class LeaseHeld extends Error {
  override readonly name = "LeaseHeld";
  readonly holder: string;

  constructor(holder: string) {
    super(`cannot lead: ${holder} leads, and is alive`);
    this.holder = holder;
  }
}

/**
 * One candidate for a Lease. As in client-go's leader election nobody compares its clock with another's: a Lease is taken when it was
 * seen unchanged for as long as it lasts, by the candidate's own clock, and who leads counts from just before its renewal was sent.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #timing: LeaseTiming;
  readonly #client: LeaseClient;
  #isFailing = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#timing = options.timing ?? leaseTiming;
    this.#client = new LeaseClient({ ...options, ...this.#timing });
  }

  /**
   * Waits until we lead, however long the API server is away; undefined when it was stopped before. With `alone` a `LeaseHeld` is thrown as
   * soon as another process proves to be alive; one that is dead is waited for.
   */
  async acquire(stop: AbortSignal, { alone = false } = {}): Promise<Leadership | undefined> {
    let followed: string | undefined;
    while (!stop.aborted) {
      const began = this.#options.clock.steady();
      const before = this.#client.seen;
      const sent = await this.#attempt(() => this.#client.take());
      if (sent !== undefined) return this.#lead(sent);
      const holder = this.#client.otherHolder;
      if (alone && holder !== undefined && isHeldAlive(before, this.#client.seen, this.#options.holder))
        throw new LeaseHeld(holder);
      if (holder !== undefined && holder !== followed) this.#options.tell({ kind: "Following", holder });
      followed = holder;
      await this.#until(began + this.#retryEvery(), stop);
    }
    return undefined;
  }

  #lead(sent: number): Leadership {
    const { tell } = this.#options;
    const lost = new AbortController();
    const released = new AbortController();
    const over = AbortSignal.any([lost.signal, released.signal]);
    const term: Term = { over, until: sent + this.#timing.deadline };
    const lose = (reason: string) => {
      tell({ kind: "Lost", reason });
      lost.abort();
    };
    tell({ kind: "Leading", transitions: this.#client.seen?.spec.leaseTransitions ?? 0 });
    const ended = Promise.all([this.#keepRenewing(term, lose), this.#watch(term, lose)]);
    return {
      lost: lost.signal,
      timeLeft: () => (lost.signal.aborted ? 0 : this.#timeLeft(term)),
      release: async () => {
        released.abort();
        await ended;
        // Once more where it was edited, or a renewal's answer was lost. In vain, it runs out by itself.
        for (let tries = 2; tries > 0 && this.#timeLeft(term) > 0; tries -= 1)
          if ((await this.#attempt(() => this.#client.release())) !== undefined) return;
      },
    };
  }

  async #keepRenewing(term: Term, lose: (reason: string) => void): Promise<void> {
    const { deadline, renewEvery } = this.#timing;
    await this.#until(term.until - deadline + renewEvery, term.over);
    while (!term.over.aborted) {
      const began = this.#options.clock.steady();
      const renewed = await this.#attempt(async () => (await this.#client.renew()) ?? "Gone");
      if (term.over.aborted) return;
      if (renewed === "Gone") return lose("the lease was taken by another process, or deleted");
      if (renewed !== undefined) term.until = renewed + deadline;
      await this.#until(began + (renewed === undefined ? this.#retryEvery() : renewEvery), term.over);
    }
  }

  /** Ends the term in time, whatever the renewal under way is waiting for. */
  async #watch(term: Term, lose: (reason: string) => void): Promise<void> {
    while (!term.over.aborted) {
      if (this.#timeLeft(term) === 0) return lose("the lease could not be renewed in time");
      await this.#until(term.until, term.over);
    }
  }

  #timeLeft({ until }: Term): number {
    return Math.max(0, until - this.#options.clock.steady());
  }

  /** Undefined where it failed. That somebody else was quicker is no failure to tell of. */
  async #attempt<T>(job: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await job();
      this.#isFailing = false;
      return result;
    } catch (error) {
      const wasQuicker = error instanceof ApiError && error.status === 409;
      if (!wasQuicker && !this.#isFailing) this.#options.tell({ kind: "Failed", error: error as Error });
      this.#isFailing = !wasQuicker;
      return undefined;
    }
  }

  /** A fifth more or less, so that followers do not all ask at once. */
  #retryEvery(): number {
    return this.#timing.retryEvery * (0.8 + 0.4 * this.#options.random());
  }

  /** Waits until a steady time, or until the signal is aborted. */
  async #until(time: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await clock.sleep(Math.max(0, time - clock.steady()), signal).catch(() => {});
  }
}

interface Term {
  readonly over: AbortSignal;
  /** The steady time until which nobody else can lead. */
  until: number;
}
