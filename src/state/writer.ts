import { randomUUID } from "node:crypto";
import { type Database, type Step, sql } from "./database.ts";
import { isStateError, StateError } from "./errors.ts";
import { Queue } from "./queue.ts";

/**
 * The one way by which a state is written. Each transaction gives the state a revision that no other transaction has, and asks for
 * the revision that this writer left. So a writer whose lock was lost (a broken connection, a lock file that somebody removed) cannot
 * write over another's work, and a transaction whose answer was lost can be told from one that never happened.
 */
export class Writer {
  readonly #database: Database;
  readonly #id = randomUUID();
  readonly #queue = new Queue();
  #attempts = 0;
  #revision: string;
  /** What was being written when the database went away, by the revision that it would have given. */
  readonly #doubts = new Map<string, readonly Step[]>();

  constructor(database: Database, revision: string) {
    this.#database = database;
    this.#revision = revision;
  }

  /** Keeps all of it or nothing. After `Unavailable` the same call can be made again: it is done once. */
  write(steps: readonly Step[]): Promise<void> {
    return this.#queue.run(() => this.#write(steps));
  }

  async #write(steps: readonly Step[]): Promise<void> {
    this.#attempts += 1;
    const next = `${this.#id}/${this.#attempts}`;
    try {
      await this.#database.write([this.#moveTo(next), ...steps]);
      this.#arriveAt(next);
    } catch (error) {
      if (isStateError(error, "Unavailable")) this.#doubts.set(next, steps);
      if (isStateError(error, "Locked")) return this.#settle(steps, error);
      throw error;
    }
  }

  /** Something that was in doubt may have been kept after all; and whoever has the lock now may be our own lost session, which ends. */
  async #settle(steps: readonly Step[], locked: StateError): Promise<void> {
    const [state] = await this.#database.read("SELECT revision FROM state");
    const revision = state?.revision as string;
    const done = this.#doubts.get(revision);
    if (revision === this.#revision) {
      throw new StateError("Unavailable", `${locked.message}; it is tried again with the next call`);
    }
    if (done === undefined) throw this.#overtaken();
    this.#arriveAt(revision);
    if (content(done) !== content(steps)) await this.#write(steps);
  }

  #moveTo(next: string): Step {
    return {
      ...sql("UPDATE state SET revision = ? WHERE revision = ?", next, this.#revision),
      otherwise: this.#overtaken(),
    };
  }

  #overtaken(): StateError {
    const { place } = this.#database;
    const cause = `cannot write to state ${place}: another process has written to it meanwhile; start again`;
    return new StateError("Locked", cause);
  }

  #arriveAt(revision: string): void {
    this.#revision = revision;
    this.#doubts.clear();
  }
}

function content(steps: readonly Step[]): string {
  return JSON.stringify(
    steps.map((step) =>
      step.kind === "put" || step.kind === "drop"
        ? [step.kind, step.table.name, Array.from({ length: step.count }, (_, index) => step.row(index))]
        : step,
    ),
  );
}
