import type { Snapshot } from "../core/kinds/resource.ts";
import { notesOf } from "../report/notes.ts";
import type { State } from "../state/state.ts";
import type { Engine } from "./engine.ts";
import type { EngineClock } from "./parts.ts";
import type { TargetReport } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import { runningTargets } from "./running.ts";
import { TargetCare, type TargetTimes } from "./target-care.ts";
import { wakeAfter } from "./wake.ts";

interface Kept {
  readonly digest: string;
  readonly care: TargetCare;
  /** As the state has them. */
  notes: Readonly<Record<string, string | undefined>>;
}

/** The care of all targets that are looked after, kept in step with the manifests and the state. */
export class TargetCares {
  readonly #engine: Engine;
  readonly #state: State;
  readonly #clock: EngineClock;
  readonly #random: () => number;
  #cares: Map<string, Kept> | undefined;

  constructor(parts: {
    readonly engine: Engine;
    readonly state: State;
    readonly clock: EngineClock;
    readonly random: () => number;
  }) {
    this.#engine = parts.engine;
    this.#state = parts.state;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  get unseen(): readonly string[] | undefined {
    return this.#cares && [...this.#cares].filter(([, { care }]) => !care.looked).map(([name]) => name);
  }

  get quarantined(): ReadonlyMap<string, number> {
    return new Map(
      this.#all().flatMap(([name, { care }]) =>
        care.quarantine.trial === undefined ? [] : [[name, care.quarantine.trial] as const],
      ),
    );
  }

  /** Since when targets have differed from the manifests without a break (ms): of those that do. */
  get driftSince(): ReadonlyMap<string, number> {
    return new Map(
      this.#all().flatMap(([name, { care }]) =>
        care.times.driftSince === undefined ? [] : [[name, care.times.driftSince] as const],
      ),
    );
  }

  waiting(now: number): number {
    return this.#all().filter(([, { care }]) => care.nextAt(now) <= now).length;
  }

  /** Takes the targets that are in force; one that is new, or whose manifests changed, starts afresh. */
  async load(snapshot: Snapshot): Promise<void> {
    const before = this.#cares;
    const cares = new Map<string, Kept>();
    for (const target of runningTargets(snapshot)) {
      const store = snapshot.objects.Store.get(target.spec.store.name)?.resource;
      const digest = `${target.digest}\n${store?.digest}`;
      const known = before?.get(target.name);
      if (known?.digest === digest) cares.set(target.name, known);
      else {
        const notes = Object.fromEntries(await this.#state.notes(target.name));
        cares.set(target.name, {
          digest,
          care: new TargetCare(target.spec.schedule, timesIn(notes)),
          notes,
        });
      }
    }
    this.#cares = cares;
    this.wantAll();
  }

  wantAll(): void {
    for (const [, { care }] of this.#all()) care.want();
  }

  /** What was seen of the stores is lost. */
  lookAnew(): void {
    for (const [, { care }] of this.#all()) care.lookAnew();
  }

  insist(targets: ReadonlySet<string> | undefined): void {
    for (const [name, { care }] of this.#all()) if (!targets || targets.has(name)) care.insist();
  }

  due(now: number): ReadonlyMap<string, RunOptions> {
    const due = new Map<string, RunOptions>();
    for (const [name, { care }] of this.#all()) {
      const options = care.due(now);
      if (options) due.set(name, options);
    }
    return due;
  }

  nextAt(now: number): number {
    return Math.min(...this.#all().map(([, { care }]) => care.nextAt(now)));
  }

  async note(report: TargetReport, options: RunOptions | undefined, began: number): Promise<void> {
    const kept = this.#cares?.get(report.target);
    if (!kept || !options) return;
    const now = this.#clock.now();
    const wakeAt = wakeAfter(report, this.#engine.lane(report.target), now);
    kept.care.note(report, options, { began, now, wakeAt, random: this.#random() });
    if ((report.applied?.done.length ?? 0) + (report.tasks.noted?.size ?? 0) > 0)
      this.#wantDependents(report.target);
    await this.#remember(report, kept);
  }

  /** An account that was just made or changed may be what accounts elsewhere are made from. */
  #wantDependents(of: string): void {
    for (const [name, { care }] of this.#all())
      if (this.#engine.lane(name)?.model.dependsOn.has(of)) care.want();
  }

  async #remember(report: TargetReport, kept: Kept): Promise<void> {
    const { times, quarantine } = kept.care;
    const text = (time: number | undefined) => (time === undefined ? undefined : String(time));
    const { lastSuccess, ...notes }: Readonly<Record<string, string | undefined>> = {
      ...notesOf(report, this.#clock.now()),
      lastPass: text(times.lastPass),
      lastFullCompare: text(times.lastFullCompare),
      driftSince: text(times.driftSince),
      quarantine: text(quarantine.trial),
    };
    // That a run between passes went well is not worth a write.
    if (Object.entries(notes).every(([name, value]) => kept.notes[name] === value)) return;
    await this.#state.setNotes(report.target, lastSuccess === undefined ? notes : { ...notes, lastSuccess });
    kept.notes = { ...kept.notes, ...notes };
  }

  #all(): readonly (readonly [string, Kept])[] {
    return [...(this.#cares ?? [])];
  }
}

function timesIn(notes: Readonly<Record<string, string | undefined>>): TargetTimes {
  const time = (name: keyof TargetTimes) => {
    const value = Number(notes[name]);
    return notes[name] === undefined || !Number.isFinite(value) ? {} : { [name]: value };
  };
  return { ...time("lastPass"), ...time("lastFullCompare"), ...time("driftSince") };
}
