import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { countsOf, gaugesOf, storeUp, successOf, type TargetFigures } from "../report/figures.ts";
import { type Metric, type MetricName, metrics, type Sample } from "../report/metrics.ts";

/** Milliseconds between two looks at the event loop. */
const resolution = 10;

/** What is read when somebody scrapes. */
export interface Live {
  /** Targets that are due and have not been run yet. */
  readonly waiting: () => number;
}

/** The process's metrics, in a registry of their own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();
  /** What gauges show, by what they are about. */
  readonly #shown = new Map<string, readonly Sample[]>();
  readonly #live: Live;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;

  constructor(live: Live) {
    this.#live = live;
    this.#delay = monitorEventLoopDelay({ resolution });
    this.#delay.enable();
    const registers = [this.#registry];
    for (const [key, metric] of Object.entries<Metric>(metrics)) {
      const name = key as MetricName;
      const { help, type, labels, buckets } = metric;
      const options = { name, help, labelNames: [...labels], registers };
      if (type === "counter") this.#counters.set(name, new Counter(options));
      else if (type === "gauge") this.#gauges.set(name, new Gauge(options));
      else this.#histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
    }
  }

  /** Takes in a run: what it found and did in each target, and how long it took. */
  ran(figures: readonly TargetFigures[], milliseconds: number): void {
    for (const each of figures) {
      const gauges = gaugesOf(each);
      const success = successOf(each);
      if (gauges) this.#shown.set(`target ${each.target}`, gauges);
      if (success) this.#shown.set(`success ${each.target}`, [success]);
      this.#shown.set(`store ${each.store}`, [storeUp(each)]);
      for (const { metric, labels, value } of countsOf(each)) this.#counters.get(metric)?.inc(labels, value);
    }
    this.#histograms
      .get("controller_runtime_reconcile_time_seconds")
      ?.observe({ controller: "target" }, milliseconds / 1000);
  }

  /** Takes in what is in force: figures of targets and stores that are no longer there go. */
  loaded(complete: boolean, targets: readonly { readonly target: string; readonly store: string }[]): void {
    const kept = new Set(
      targets.flatMap(({ target, store }) => [`target ${target}`, `success ${target}`, `store ${store}`]),
    );
    for (const key of [...this.#shown.keys()]) if (!kept.has(key)) this.#shown.delete(key);
    this.#shown.set("manifests", [
      { metric: "rollcall_manifests_complete", labels: {}, value: Number(complete) },
    ]);
  }

  storeCall(store: string, call: string, status: string, milliseconds: number): void {
    this.#counters.get("rollcall_store_calls_total")?.inc({ store, call, status });
    this.#histograms
      .get("rollcall_store_call_duration_seconds")
      ?.observe({ store, call }, milliseconds / 1000);
  }

  /** All of it in Prometheus' text format. */
  scrape(): Promise<string> {
    for (const gauge of this.#gauges.values()) gauge.reset();
    for (const { metric, labels, value } of [...this.#shown.values()].flat())
      this.#gauges.get(metric)?.set(labels, value);
    this.#gauges.get("workqueue_depth")?.set({ name: "targets" }, this.#live.waiting());
    const delay = this.#gauges.get("rollcall_event_loop_delay_seconds");
    for (const quantile of [50, 99, 100])
      delay?.set({ quantile: String(quantile / 100) }, this.#delaySeconds(quantile));
    this.#delay.reset();
    return this.#registry.metrics();
  }

  /** The monitor's own timer is part of what it measures. */
  #delaySeconds(quantile: number): number {
    return Math.max(0, this.#delay.percentile(quantile) / 1e9 - resolution / 1000);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  close(): void {
    this.#delay.disable();
  }
}
