import type { TargetSpec } from "../core/kinds/kinds.ts";
import { parseDuration } from "../core/model/duration.ts";
import { driftStands } from "../report/run-report.ts";
import { type Backoff, delayAfter } from "./backoff.ts";
import { Quarantine } from "./quarantine.ts";
import type { TargetReport } from "./run.ts";
import type { RunOptions } from "./run-options.ts";

/** When a target was last looked at, and what was seen; kept in the state, so that a restart does not look at everything anew (ms). */
export interface TargetTimes {
  readonly lastPass?: number;
  readonly lastFullCompare?: number;
  /** Since when every look has found something that differs. */
  readonly driftSince?: number;
}

const storeDown: Backoff = { first: 1_000, longest: 300_000 };
const firstRetry = 5_000;
const never = Number.POSITIVE_INFINITY;

/** What the controller keeps of one target between runs: when it was looked at, what it failed at, when it wants attention next. */
export class TargetCare {
  readonly #every: number;
  readonly #fullCompare: number;
  readonly quarantine = new Quarantine();
  #times: TargetTimes;
  /** Something marked it; true at first, since nothing has been looked at. */
  #wanted = true;
  /** Nothing is known of a store before the first look. */
  #blind = true;
  #looked = false;
  #retryAt = never;
  #wakeAt = never;
  /** Nothing is done before this. */
  #notBefore = 0;
  #failures = 0;
  #retries = 0;

  constructor(schedule: TargetSpec["schedule"], times: TargetTimes) {
    this.#every = parseDuration(schedule.every);
    this.#fullCompare = parseDuration(schedule.fullCompare);
    this.#times = times;
  }

  get times(): TargetTimes {
    return this.#times;
  }

  /** Whether there was a complete look since the process began. */
  get looked(): boolean {
    return this.#looked;
  }

  want(): void {
    this.#wanted = true;
    // An edit may be the cure; one change is all that it can cost.
    if (this.quarantine.trial !== undefined) this.#notBefore = 0;
  }

  lookAnew(): void {
    this.#blind = true;
    this.#wanted = true;
  }

  /** A person asks for it: what was waited for is forgotten. */
  insist(): void {
    this.quarantine.lift();
    this.#notBefore = 0;
    this.#wanted = true;
  }

  /** How it has to be run now, or undefined. */
  due(now: number): RunOptions | undefined {
    if (now < this.#notBefore) return undefined;
    const pass = this.#passAt(now) <= now;
    if (!pass && !this.#wanted && now < Math.min(this.#retryAt, this.#wakeAt)) return undefined;
    const { trial } = this.quarantine;
    return {
      planOnly: false,
      shown: undefined,
      pass,
      full: pass && this.#fullAt(now) <= now,
      ...(trial === undefined ? {} : { trial }),
    };
  }

  /** When it is next due, if nothing else happens. */
  nextAt(now: number): number {
    const at = this.#wanted ? now : Math.min(this.#passAt(now), this.#retryAt, this.#wakeAt);
    return Math.max(at, this.#notBefore);
  }

  /** Takes in what a run, begun at `began`, came to. `wakeAt`: when time alone changes what was withheld. */
  note(
    report: TargetReport,
    options: RunOptions,
    run: {
      readonly began: number;
      readonly now: number;
      readonly wakeAt: number | undefined;
      readonly random: number;
    },
  ): void {
    const { began, now, random } = run;
    if (report.error) {
      this.#wanted = true;
      this.#failures++;
      const wait = Math.max(delayAfter(this.#failures, storeDown, random), report.error.retryAfter ?? 0);
      this.#notBefore = now + wait;
      return;
    }
    this.#wanted = false;
    this.#failures = 0;
    this.#notBefore = 0;
    this.#wakeAt = run.wakeAt ?? never;
    if (options.pass) {
      this.#looked = true;
      this.#blind = false;
    }
    this.#noteChanges(report, now, random);
    const { driftSince = began, ...times } = this.#times;
    this.#times = {
      ...times,
      ...(driftStands(report) ? { driftSince: Math.min(driftSince, began) } : {}),
      ...(options.pass ? { lastPass: began } : {}),
      ...(options.full ? { lastFullCompare: began } : {}),
    };
  }

  #noteChanges({ applied }: TargetReport, now: number, random: number): void {
    if (!applied) return;
    const wait = this.quarantine.note(applied, random);
    if (wait !== undefined) this.#notBefore = now + wait;
    const undone = applied.failed.length + applied.left.length > 0;
    this.#retries = undone ? this.#retries + 1 : 0;
    const backoff = { first: Math.min(firstRetry, this.#every), longest: this.#every };
    this.#retryAt = undone ? now + delayAfter(this.#retries, backoff, random) : never;
  }

  #passAt(now: number): number {
    const { lastPass } = this.#times;
    // A clock that went back makes the last one count for nothing.
    if (this.#blind || lastPass === undefined || lastPass > now) return now;
    return lastPass + this.#every;
  }

  #fullAt(now: number): number {
    const { lastFullCompare } = this.#times;
    return lastFullCompare === undefined || lastFullCompare > now ? now : lastFullCompare + this.#fullCompare;
  }
}
