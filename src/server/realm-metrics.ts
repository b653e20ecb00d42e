import { type DeclaredTarget, manifestGauges } from "../report/declared.ts";
import { type ExportFigures, exportGauges } from "../report/export-figures.ts";
import { countsOf, gaugesOf, stalledBy, storeUp, successOf, type TargetFigures } from "../report/figures.ts";
import { type Metric, type MetricName, metrics, type Sample } from "../report/metrics.ts";
import type { Meters } from "./meters.ts";

/** What is in force in a realm. */
export interface InForceFigures {
  readonly targets: readonly DeclaredTarget[];
  /** Whether what is missing is proven to be gone. */
  readonly complete: boolean;
  /** Kinds that could not be read. */
  readonly unread: Iterable<string>;
}

/** What is read when somebody scrapes. */
export interface Live {
  /** Targets that are due and have not been run yet. */
  readonly waiting: () => number;
}

export function stateUp(realm: string, up: boolean): Sample {
  return { metric: "rollcall_state_up", labels: { realm }, value: Number(up) };
}

/** The metrics of one realm: a folder, or a namespace. Closed, its gauges are gone: what it counted stays counted. */
export class RealmMetrics {
  readonly #realm: string;
  readonly #meters: Meters;
  /** What gauges show, by what they are about. */
  readonly #shown = new Map<string, readonly Sample[]>();
  readonly live: Live;
  readonly close: () => void;

  constructor(realm: string, meters: Meters, live: Live, close: () => void) {
    this.#realm = realm;
    this.#meters = meters;
    this.live = live;
    this.close = close;
  }

  /** Takes in a run: what it found and did in each target, and how long it took. */
  ran(figures: readonly TargetFigures[], milliseconds: number): void {
    for (const each of figures) {
      const gauges = gaugesOf(each);
      const success = successOf(each);
      if (gauges) this.#shown.set(`target ${each.target}`, gauges);
      if (success) this.#shown.set(`success ${each.target}`, [success]);
      this.#shown.set(`stalled ${each.target}`, stalledBy(each));
      this.#shown.set(`store ${each.store}`, [storeUp(each)]);
      for (const sample of countsOf(each)) this.#meters.count(this.#placed(sample));
    }
    this.#observe("controller_runtime_reconcile_time_seconds", { controller: "target" }, milliseconds);
    this.state(true);
  }

  /** Takes in what is in force: figures of targets and stores that are no longer there go. */
  loaded({ targets, complete, unread }: InForceFigures): void {
    const running = targets.filter(({ standing }) => standing === "Runs");
    const kept = new Set([
      ...running.flatMap(({ target }) => [`target ${target}`, `success ${target}`, `stalled ${target}`]),
      ...running.map(({ store }) => `store ${store}`),
      "epoch",
    ]);
    for (const key of [...this.#shown.keys()])
      if (!kept.has(key) && !key.startsWith("rows ")) this.#shown.delete(key);
    this.#shown.set("manifests", manifestGauges(targets, complete, unread));
    this.state(true);
  }

  /** Takes in what is known of all exports that are in force. */
  exports(exports: readonly ExportFigures[]): void {
    this.#shown.set("exports", exportGauges(exports));
    for (const key of this.#shown.keys())
      if (key.startsWith("rows ") && !exports.some(({ name }) => key === `rows ${name}`))
        this.#shown.delete(key);
  }

  /** Takes in that an export was tried; `rows`: of the file that was written. */
  exported(name: string, rows: number | undefined): void {
    const labels = { export: name };
    const result = rows === undefined ? "error" : "success";
    this.#meters.count(
      this.#placed({ metric: "rollcall_exports_total", labels: { ...labels, result }, value: 1 }),
    );
    if (rows !== undefined)
      this.#shown.set(`rows ${name}`, [{ metric: "rollcall_export_rows", labels, value: rows }]);
  }

  /** Takes in whether the state can be read and written. */
  state(up: boolean): void {
    this.#shown.set("state", [stateUp(this.#realm, up)]);
  }

  /** Takes in how many times the state was opened for writing. */
  epoch(value: number): void {
    this.#shown.set("epoch", [{ metric: "rollcall_epoch", labels: {}, value }]);
  }

  /** Takes in a call to a store that ended, for `StoreAccess.tell`. */
  storeCall(store: string, call: string, status: string, milliseconds: number): void {
    this.#meters.count(
      this.#placed({ metric: "rollcall_store_calls_total", labels: { store, call, status }, value: 1 }),
    );
    this.#observe("rollcall_store_call_duration_seconds", { store, call }, milliseconds);
  }

  /** What its gauges show now. */
  gauges(): readonly Sample[] {
    return [...this.#shown.values()].flat().map((sample) => this.#placed(sample));
  }

  #observe(metric: MetricName, labels: Sample["labels"], milliseconds: number): void {
    this.#meters.observe(this.#placed({ metric, labels, value: milliseconds / 1000 }));
  }

  /** The loop's own metrics are the process's, not a realm's. */
  #placed(sample: Sample): Sample {
    const { labels }: Metric = metrics[sample.metric];
    return labels.includes("realm")
      ? { ...sample, labels: { realm: this.#realm, ...sample.labels } }
      : sample;
  }
}
