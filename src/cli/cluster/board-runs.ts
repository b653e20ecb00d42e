import { inSlices } from "../../engine/breathe.ts";
import type { TargetReport } from "../../engine/run.ts";
import { type Issue, issuesOf } from "../../report/cluster/issues.ts";
import { type RunFacts, runFacts } from "../../report/cluster/run-facts.ts";

interface Run {
  readonly facts: RunFacts;
  /** What is open about accounts, by identity. */
  readonly issues: Map<string, readonly Issue[]>;
}

const none: readonly Issue[] = [];

/** What is known of the targets' last runs. The runs themselves, with all that they planned, are not kept. */
export class Runs {
  readonly #runs = new Map<string, Run>();

  facts(target: string): RunFacts | undefined {
    return this.#runs.get(target)?.facts;
  }

  issues(target: string, identity: string): readonly Issue[] {
    return this.#runs.get(target)?.issues.get(identity) ?? none;
  }

  /** Takes in a run. After an error nothing new is known of the accounts. */
  async note(report: TargetReport): Promise<RunFacts> {
    const { target, error, examined } = report;
    const facts = runFacts(report);
    const issues = this.#runs.get(target)?.issues ?? new Map<string, readonly Issue[]>();
    if (!error) {
      const found = await inSlices(issuesOf(report));
      for (const identity of examined) issues.delete(identity);
      for (const [identity, open] of found) issues.set(identity, open);
    }
    this.#runs.set(target, { facts, issues });
    return facts;
  }

  /** Forgets the targets that are not there any longer. */
  keep(targets: ReadonlyMap<string, unknown>): void {
    for (const target of [...this.#runs.keys()]) if (!targets.has(target)) this.#runs.delete(target);
  }
}

/** The identities whose accounts a run looked at or changed. */
export function* touchedBy({ examined, applied }: TargetReport): Generator<string> {
  yield* examined;
  for (const { identity } of applied?.done ?? []) if (identity !== "") yield identity;
}
