import type { Clock } from "../connectors/wrap/clock.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import type { Complete } from "../resources/resources.ts";
import { StateError } from "../state/errors.ts";
import type { State } from "../state/state.ts";
import { delayAfter } from "./backoff.ts";
import type { Engine } from "./engine.ts";
import type { ExportDesk } from "./exports/desk.ts";
import { Exports } from "./exports/exports.ts";
import type { ExportReport } from "./exports/run.ts";
import { type Ask, Requests } from "./requests.ts";
import type { TargetReport } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import { TargetCares } from "./target-cares.ts";
import { answerTask } from "./tasks/answer.ts";

export interface ControllerParts {
  readonly engine: Engine;
  readonly state: State;
  readonly clock: Clock;
  /** Where the files of Exports go; absent: none is written. */
  readonly desk?: ExportDesk;
  /** Reads the manifests, remembers what they say, and loads the engine with it. */
  readonly load: () => Promise<Loaded>;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Ends the loop: the batch in hand is finished first. */
  readonly stop: AbortSignal;
  /** Told of everything that happens, for logs and metrics. */
  readonly tell: (event: ControllerEvent) => void;
}

export interface Loaded {
  readonly snapshot: Snapshot;
  readonly complete: Complete;
}

export type ControllerEvent =
  | { readonly kind: "Loaded"; readonly loaded: Loaded }
  | { readonly kind: "Ran"; readonly reports: readonly TargetReport[]; readonly milliseconds: number }
  | { readonly kind: "Exported"; readonly report: ExportReport }
  /** The manifests could not be read, or the state not be written: it is tried again. */
  | { readonly kind: "Failed"; readonly error: Error; readonly retryIn: number };

/** Milliseconds after which the clock is looked at again, whatever was expected: clocks are set, and machines sleep. */
const longestNap = 60_000;
/** Milliseconds until an incomplete reading is read anew, in case nothing tells that it could be complete now. */
const readAgain = 10_000;
const trouble = { first: 1_000, longest: 60_000 };

/**
 * The loop that keeps running. Edits, schedules, timers, retries and people only mark targets here; whatever is marked is run
 * together, one run at a time.
 */
export class Controller {
  readonly #parts: ControllerParts;
  readonly #cares: TargetCares;
  readonly #requests = new Requests();
  readonly exports: Exports;
  #readAt = 0;
  #failures = 0;
  #notBefore = 0;
  #rung = false;
  #ring = () => {};

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#cares = new TargetCares(parts);
    const { desk, clock, tell } = parts;
    this.exports = new Exports({
      ...{ ...parts, desk, now: () => clock.now() },
      tell: (report) => tell({ kind: "Exported", report }),
    });
  }

  /** Targets that nobody has looked at completely since the process began; undefined before the manifests were read. */
  get unseen(): readonly string[] | undefined {
    return this.#cares.unseen;
  }

  /** Targets in quarantine, with how often one change was tried in vain. */
  get quarantined(): ReadonlyMap<string, number> {
    return this.#cares.quarantined;
  }

  /** Since when targets have differed from the manifests without a break (ms): of those that do. */
  get driftSince(): ReadonlyMap<string, number> {
    return this.#cares.driftSince;
  }

  /** Targets that are to be run as soon as they may. */
  get waiting(): number {
    return this.#cares.waiting(this.#parts.clock.now());
  }

  /** The manifests may have changed. */
  manifestsChanged(): void {
    this.#readAt = 0;
    this.#wake();
  }

  /** Does what a person asks for, next, and resolves with what came of it. */
  ask(ask: Ask): Promise<readonly TargetReport[]> {
    const answer = this.#requests.add(ask);
    this.#wake();
    return answer;
  }

  /** Runs until it is stopped. Rejects when the state is lost to another process, or broken. */
  async run(): Promise<void> {
    const { stop } = this.#parts;
    try {
      while (!stop.aborted) await this.#idle(await this.step());
    } finally {
      this.#requests.refuse(new Error("the controller is stopping: ask again when it runs"));
      await this.exports.idle();
    }
  }

  /** Does what is due now, and gives the time (ms) at which something will be, if nothing happens before. */
  async step(): Promise<number> {
    const { clock, tell, random } = this.#parts;
    this.#rung = false;
    if (clock.now() < this.#notBefore) return this.#notBefore;
    try {
      if (clock.now() >= this.#readAt) await this.#read();
      await this.#answer();
      await this.#work();
      await this.exports.step(() => this.#wake());
      this.#failures = 0;
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#failures++;
      const retryIn = delayAfter(this.#failures, trouble, random());
      this.#notBefore = clock.now() + retryIn;
      tell({ kind: "Failed", error, retryIn });
      return this.#notBefore;
    }
    return this.#next();
  }

  async #read(): Promise<void> {
    const { load, clock, tell, stop } = this.#parts;
    // Set before reading: what changes meanwhile is read again.
    this.#readAt = Number.POSITIVE_INFINITY;
    try {
      const loaded = await load();
      await this.#cares.load(loaded.snapshot);
      await this.exports.load(loaded);
      if (!loaded.complete.ok) this.#readAt = Math.min(this.#readAt, clock.now() + readAgain);
      tell({ kind: "Loaded", loaded });
    } catch (error) {
      this.#readAt = 0;
      if (stop.aborted) return;
      throw error;
    }
  }

  async #answer(): Promise<void> {
    for (let request = this.#requests.next(); request; request = this.#requests.next()) {
      const { targets, shown, password, answer } = request.ask;
      if (password) {
        await request.settle(() => this.#orAnew(async (engine) => [await engine.setPassword(password)]));
        continue;
      }
      const options: RunOptions = { planOnly: false, shown, pass: true, full: false };
      await request.settle(async () => {
        const refused = answer && (await answerTask(this.#parts.state, answer, this.#parts.clock.now()));
        if (refused !== undefined) request.refuse(new Error(refused));
        this.#cares.insist(targets);
        return this.#run((target) => (!targets || targets.has(target) ? options : undefined));
      });
      // What was not shown is applied as ever.
      if (shown) this.#cares.wantAll();
    }
  }

  async #work(): Promise<void> {
    const { engine, clock } = this.#parts;
    const now = clock.now();
    if ((engine.nextTimer() ?? Number.POSITIVE_INFINITY) <= now) this.#cares.wantAll();
    const due = this.#cares.due(now);
    if (due.size > 0) await this.#run((target) => due.get(target));
  }

  async #run(optionsOf: (target: string) => RunOptions | undefined): Promise<readonly TargetReport[]> {
    const { clock, tell, stop } = this.#parts;
    if (stop.aborted) return [];
    const began = clock.now();
    return this.#orAnew(async (engine) => {
      const reports = await engine.runEach(optionsOf);
      for (const report of reports) await this.#cares.note(report, optionsOf(report.target), began);
      tell({ kind: "Ran", reports, milliseconds: clock.now() - began });
      return reports;
    });
  }

  /** Where it fails, what the state holds may be more than the lanes know: they are opened anew. */
  async #orAnew<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const { engine } = this.#parts;
    try {
      return await work(engine);
    } catch (error) {
      await engine.close();
      this.#cares.lookAnew();
      throw error;
    }
  }

  #next(): number {
    const { engine, clock } = this.#parts;
    const now = clock.now();
    const timer = engine.nextTimer() ?? Number.POSITIVE_INFINITY;
    // A timer that is over waits for a target that may be run.
    const timerAt = timer > now ? timer : Number.POSITIVE_INFINITY;
    return Math.min(this.#cares.nextAt(now), timerAt, this.#readAt, this.exports.nextAt(now));
  }

  #wake(): void {
    this.#rung = true;
    this.#ring();
  }

  async #idle(until: number): Promise<void> {
    const { clock, stop } = this.#parts;
    if (this.#rung || stop.aborted) return;
    const nap = new AbortController();
    this.#ring = () => nap.abort();
    const milliseconds = Math.min(longestNap, Math.max(0, until - clock.now()));
    await clock.sleep(milliseconds, AbortSignal.any([nap.signal, stop])).catch(() => {});
    this.#ring = () => {};
  }
}

/** What may be otherwise in a while: a database that is away, a disk that is full, a folder that cannot be read. */
function isPassing(error: unknown): error is Error {
  if (error instanceof StateError) return error.kind === "Unavailable" || error.kind === "Full";
  return error instanceof Error && "syscall" in error;
}
