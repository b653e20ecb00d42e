import type { Resource } from "../../core/kinds/resource.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { delayAfter } from "../backoff.ts";

/** What is known of the last time that an export was written; kept in the state. */
export interface LastExport {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of the Export that it was written by. */
  readonly digest: string;
}

const never = Number.POSITIVE_INFINITY;
const hour = 3_600_000;

/** When one export is due. */
export class ExportSchedule {
  readonly resource: Resource<"Export">;
  /** Milliseconds from one time to the next; infinite for one that is written by hand alone. */
  readonly every: number;
  #last: LastExport | undefined;
  #wanted = false;
  #notBefore = 0;
  #failures = 0;

  constructor(resource: Resource<"Export">, last: LastExport | undefined) {
    const { schedule, suspend } = resource.spec;
    this.resource = resource;
    this.every = schedule && !suspend ? parseDuration(schedule.every) : never;
    this.#last = last;
  }

  /** When it was last written (ms); 0: never, as far as anybody knows. */
  get lastAt(): number {
    return this.#last?.at ?? 0;
  }

  /** A person asks for it: what was waited for is forgotten. */
  insist(): void {
    this.#wanted = true;
    this.#notBefore = 0;
  }

  /** When it is next to be written (ms); infinite for one that is written by hand alone. */
  nextAt(now: number): number {
    if (this.resource.spec.suspend) return never;
    const at = this.#wanted ? now : this.every === never ? never : this.#scheduledAt(now);
    return Math.max(at, this.#notBefore);
  }

  /** It is begun, and whoever asked for it will be answered by what comes of it. */
  begin(): void {
    this.#wanted = false;
  }

  written(last: LastExport): void {
    this.#last = last;
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /** It is tried again, ever more rarely. `random`, from 0 up to 1. */
  failed(now: number, random: number): void {
    this.#failures++;
    const longest = Math.min(this.every, hour);
    this.#notBefore = now + delayAfter(this.#failures, { first: Math.min(5_000, longest), longest }, random);
  }

  #scheduledAt(now: number): number {
    // One that was edited since; and a clock that went back makes the last time count for nothing.
    if (!this.#last || this.#last.digest !== this.resource.digest || this.#last.at > now) return now;
    return this.#last.at + this.every;
  }
}
