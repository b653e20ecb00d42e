import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectDefaultMetrics } from "prom-client";
import type { Sample } from "../report/metrics.ts";
import { Meters } from "./meters.ts";
import { type Live, RealmMetrics, stateUp } from "./realm-metrics.ts";

/** Milliseconds between two looks at the event loop. */
const resolution = 10;

/** Gauges of the Node client that are named as counters are, which `promtool check metrics` refuses. */
const misnamed = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** The process's metrics, in a registry of their own. */
export class Metrics {
  readonly #meters = new Meters();
  readonly #realms = new Set<RealmMetrics>();
  /** What gauges of the process show, by what they are about. */
  readonly #shown = new Map<string, Sample>();
  /** Realms that cannot be looked after, since their state cannot be opened. */
  readonly #stateless = new Set<string>();
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;

  constructor(version: string) {
    this.#delay = monitorEventLoopDelay({ resolution });
    this.#delay.enable();
    this.#shown.set("build", { metric: "rollcall_build_info", labels: { version }, value: 1 });
    collectDefaultMetrics({ register: this.#meters.registry });
    for (const name of misnamed) this.#meters.registry.removeSingleMetric(name);
  }

  /** Metrics of a realm, until they are closed. */
  realm(realm: string, live: Live): RealmMetrics {
    const metrics = new RealmMetrics(realm, this.#meters, live, () => this.#realms.delete(metrics));
    this.#realms.add(metrics);
    this.#stateless.delete(realm);
    return metrics;
  }

  /** Takes in whether this replica does the work. `lease`: what the replicas agree by; its name. */
  leads(lease: string, leads: boolean): void {
    const sample = {
      metric: "leader_election_master_status",
      labels: { name: lease },
      value: Number(leads),
    } as const;
    this.#shown.set("leader", sample);
    if (!leads) this.#stateless.clear();
  }

  /** Takes in that a realm's state cannot be opened, until it is looked after or somebody else leads. */
  cannotOpenState(realm: string): void {
    this.#stateless.add(realm);
  }

  /** Adds to a counter of the process. */
  count(sample: Sample): void {
    this.#meters.count(sample);
  }

  /** All of it in Prometheus' text format. */
  scrape(): Promise<string> {
    const realms = [...this.#realms];
    const waiting = realms.reduce((sum, { live }) => sum + live.waiting(), 0);
    this.#meters.show([
      ...this.#shown.values(),
      ...realms.flatMap((realm) => realm.gauges()),
      ...[...this.#stateless].map((realm) => stateUp(realm, false)),
      { metric: "workqueue_depth", labels: { name: "targets" }, value: waiting },
      ...[50, 99, 100].map(
        (percentile): Sample => ({
          metric: "rollcall_event_loop_delay_seconds",
          labels: { percentile: String(percentile) },
          value: this.#delaySeconds(percentile),
        }),
      ),
    ]);
    this.#delay.reset();
    return this.#meters.registry.metrics();
  }

  /** The monitor's own timer is part of what it measures. */
  #delaySeconds(percentile: number): number {
    return Math.max(0, this.#delay.percentile(percentile) / 1e9 - resolution / 1000);
  }

  get contentType(): string {
    return this.#meters.registry.contentType;
  }

  close(): void {
    this.#delay.disable();
  }
}
