import type { Logger } from "pino";
import type { Clock } from "../../connectors/wrap/clock.ts";
import { delayAfter } from "../../engine/backoff.ts";
import type { ClusterSource } from "../../resources/kubernetes/cluster-resources.ts";

export interface TenantsParts {
  readonly source: Pick<ClusterSource, "namespaces" | "onNamespace">;
  /** Looks after one namespace until it is stopped; rejects where it cannot. `underWay` is to be called once it can. */
  readonly run: (namespace: string, stop: AbortSignal, underWay: () => void) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Milliseconds until a namespace that could not be looked after is tried again: an exit would restart the healthy ones, too. */
const trouble = { first: 2_000, longest: 60_000 };

/** The namespaces that this process looks after while it leads. */
export class Tenants {
  readonly #parts: TenantsParts;
  readonly #failing = new Map<string, string>();

  constructor(parts: TenantsParts) {
    this.#parts = parts;
  }

  /** Why namespaces are not looked after, by name. */
  get failing(): ReadonlyMap<string, string> {
    return this.#failing;
  }

  /** Looks after all of them, those that turn up later included. Resolves when it was stopped and each has ended its work. */
  async run(stop: AbortSignal): Promise<void> {
    const { source } = this.#parts;
    const running = new Map<string, Promise<void>>();
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const start = (namespace: string) => {
      if (!stop.aborted && !running.has(namespace))
        running.set(namespace, this.#keepRunning(namespace, stop));
    };
    stop.addEventListener("abort", () => resolve(), { once: true });
    if (stop.aborted) resolve();
    source.onNamespace(start, stop);
    for (const namespace of source.namespaces()) start(namespace);
    await stopped;
    await Promise.all(running.values());
    // They are another process's now.
    this.#failing.clear();
  }

  async #keepRunning(namespace: string, stop: AbortSignal): Promise<void> {
    const { run, clock, random, log } = this.#parts;
    let failures = 0;
    while (!stop.aborted) {
      const began = clock.now();
      try {
        await run(namespace, stop, () => this.#failing.delete(namespace));
      } catch (error) {
        if (stop.aborted) return;
        const { message } = error as Error;
        failures = clock.now() - began > trouble.longest ? 1 : failures + 1;
        const retryIn = delayAfter(failures, trouble, random());
        log.error(
          { namespace, error: message, retryInMs: Math.round(retryIn) },
          "cannot look after the namespace",
        );
        this.#failing.set(namespace, message);
        await clock.sleep(retryIn, stop).catch(() => {});
      }
    }
  }
}
