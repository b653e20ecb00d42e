import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type Metric, type MetricName, metrics, type Sample } from "../report/metrics.ts";

/** prom-client's meters for all metrics that are declared, each by its name. */
export class Meters {
  readonly registry = new Registry();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor() {
    const registers = [this.registry];
    for (const [key, metric] of Object.entries<Metric>(metrics)) {
      const name = key as MetricName;
      const { help, type, labels, buckets } = metric;
      const options = { name, help, labelNames: [...labels], registers };
      if (type === "counter") this.#counters.set(name, new Counter(options));
      else if (type === "gauge") this.#gauges.set(name, new Gauge(options));
      else this.#histograms.set(name, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
    }
  }

  count({ metric, labels, value }: Sample): void {
    this.#counters.get(metric)?.inc(labels, value);
  }

  observe({ metric, labels, value }: Sample): void {
    this.#histograms.get(metric)?.observe(labels, value);
  }

  /** All that gauges show from now on: what is not among the samples is gone. */
  show(samples: readonly Sample[]): void {
    for (const gauge of this.#gauges.values()) gauge.reset();
    for (const { metric, labels, value } of samples) this.#gauges.get(metric)?.set(labels, value);
  }
}
