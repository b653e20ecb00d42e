import { setImmediate as breathe } from "node:timers/promises";
import { ApiError, type ApiRequest } from "../../../src/resources/kubernetes/api.ts";
import type { LeaseClock } from "../../../src/resources/kubernetes/lease.ts";

/** How a request fares; milliseconds. */
export interface Fate {
  /** Until the server gets it. */
  readonly there: number;
  /** Until its answer arrives. */
  readonly back: number;
  readonly lost?: "Request" | "Answer";
  /** The server refuses it with this status. */
  readonly status?: number;
}

export interface LeaseLike {
  metadata: { name: string; resourceVersion?: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

/** A process with clocks of its own: `steady` runs at its own speed from anywhere, `now` is off by `skew`. */
export interface ProcessOptions {
  readonly speed?: number;
  readonly skew?: number;
}

/** A world in which time passes when it is told to: one API server that keeps one Lease, and processes that can be stopped for a while. */
export class LeaseWorld {
  time = 0;
  lease: LeaseLike | undefined;
  /** What becomes of the next request. */
  fate: () => Fate = () => ({ there: 5, back: 5 });
  /** Every write that the server accepted. */
  readonly writes: LeaseLike[] = [];
  #version = 0;
  readonly #events: { at: number; run: () => void }[] = [];

  /** Lets this much time pass, calling back after everything that happened. */
  async pass(milliseconds: number, check: () => void = () => {}): Promise<void> {
    const end = this.time + milliseconds;
    await breathe();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.time = next.at;
      next.run();
      await breathe();
      check();
    }
    this.time = end;
  }

  at(time: number, run: () => void): void {
    this.#events.push({ at: Math.max(time, this.time), run });
  }

  /** Applies a request at once, as the API server does. */
  serve({ method, body }: ApiRequest): LeaseLike {
    const given = body as LeaseLike | undefined;
    if (method === "POST" && this.lease) throw refused(409);
    if (method !== "POST" && !this.lease) throw refused(404);
    if (method === "PUT" && given?.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
      throw refused(409);
    if (given) {
      this.#version += 1;
      this.lease = structuredClone(given);
      this.lease.metadata.resourceVersion = String(this.#version);
      this.writes.push(structuredClone(this.lease));
    }
    return structuredClone(this.lease!);
  }

  #next(end: number): { at: number; run: () => void } | undefined {
    const first = this.#events.reduce((best, { at }, index, all) => (at < all[best]!.at ? index : best), 0);
    const event = this.#events[first];
    if (!event || event.at > end) return undefined;
    this.#events.splice(first, 1);
    return event;
  }
}

export class SimulatedProcess {
  readonly clock: LeaseClock;
  readonly #world: LeaseWorld;
  readonly #speed: number;
  #stoppedUntil = 0;
  #dead = false;

  constructor(world: LeaseWorld, { speed = 1, skew = 0 }: ProcessOptions = {}) {
    this.#world = world;
    this.#speed = speed;
    this.clock = {
      steady: () => 1_000_000 * speed + world.time * speed,
      now: () => 1_767_225_600_000 + world.time + skew,
      sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
    };
  }

  /** As SIGSTOP, and SIGCONT after so many milliseconds. */
  stopFor(milliseconds: number): void {
    this.#stoppedUntil = Math.max(this.#stoppedUntil, this.#world.time + milliseconds);
  }

  /** As SIGKILL: what is on its way still arrives, nothing happens here any more. */
  kill(): void {
    this.#dead = true;
  }

  readonly request = (request: ApiRequest): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const { there, back, lost, status } = this.#world.fate();
    const { time } = this.#world;
    this.#in(request.timeout! / this.#speed, () => reject(new ApiError(0, "Timeout", "no answer in time")));
    if (lost === "Request") return promise;
    this.#world.at(time + there, () => {
      const answer = this.#answer(request, status);
      if (lost === "Answer") return;
      this.#in(back, () => (answer instanceof ApiError ? reject(answer) : resolve(answer)));
    });
    return promise;
  };

  #answer(request: ApiRequest, status: number | undefined): LeaseLike | ApiError {
    if (status !== undefined) return refused(status);
    try {
      return this.#world.serve(request);
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
  }

  #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.#in(milliseconds / this.#speed, resolve);
    return promise;
  }

  /** What comes while the process is stopped comes when it goes on. */
  #in(milliseconds: number, run: () => void): void {
    const arrive = () => {
      if (this.#dead) return;
      if (this.#world.time < this.#stoppedUntil) this.#world.at(this.#stoppedUntil, arrive);
      else run();
    };
    this.#world.at(this.#world.time + milliseconds, arrive);
  }
}

function refused(status: number): ApiError {
  return new ApiError(status, "Refused", `the server says ${status}`);
}
