import type { Applied } from "./apply.ts";
import { type Backoff, delayAfter } from "./backoff.ts";

/** Runs that changed something, looked back on. */
const lookBack = 3;
/** Failed changes below which nothing is concluded: a few bad accounts must not stop a whole target. */
const fewest = 10;
const trials: Backoff = { first: 60_000, longest: 24 * 3_600_000 };

/**
 * Keeps from hammering a target where most changes of the last runs failed: it is tried with one change, ever more rarely, until one
 * is done.
 */
export class Quarantine {
  #results: { readonly tried: number; readonly failed: number }[] = [];
  #trials: number | undefined;

  /** How often one change was tried in vain; undefined where the target is not in quarantine. */
  get trial(): number | undefined {
    return this.#trials;
  }

  /** Takes in what came of a run, and gives the milliseconds until the next try where one has to wait. */
  note({ done, failed }: Applied, random: number): number | undefined {
    const tried = done.filter((item) => item.operation !== "Adopt" && item.operation !== "Forget").length;
    if (this.#trials !== undefined) {
      if (tried > 0 || failed.length === 0) {
        this.lift();
        return undefined;
      }
      this.#trials++;
      return delayAfter(this.#trials + 1, trials, random);
    }
    if (tried + failed.length === 0) return undefined;
    this.#results = [
      ...this.#results.slice(1 - lookBack),
      { tried: tried + failed.length, failed: failed.length },
    ];
    const sum = (of: "tried" | "failed") => this.#results.reduce((total, each) => total + each[of], 0);
    const most = sum("failed") >= fewest && sum("failed") * 2 > sum("tried");
    if (this.#results.length < lookBack || !most) return undefined;
    this.#trials = 0;
    return delayAfter(1, trials, random);
  }

  lift(): void {
    this.#trials = undefined;
    this.#results = [];
  }
}
