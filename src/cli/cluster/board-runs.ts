import type { Snapshot } from "../../core/kinds/resource.ts";
import { inSlices } from "../../engine/breathe.ts";
import type { TargetReport } from "../../engine/run.ts";
import { runningTargets } from "../../engine/running.ts";
import { type Issue, issuesOf } from "../../report/cluster/issues.ts";
import { type RunFacts, runFacts } from "../../report/cluster/run-facts.ts";
import { sameInBoth } from "./board-changes.ts";

interface Run {
  /** Undefined where the manifests are others by now. */
  readonly facts: RunFacts | undefined;
  /** What is open about accounts, by identity. */
  readonly issues: Map<string, readonly Issue[]>;
}

const none: readonly Issue[] = [];

/** What is known of the targets' last runs. The runs themselves, with all that they planned, are not kept. */
export class Runs {
  readonly #runs = new Map<string, Run>();
  /** Targets that were not run since the manifests last changed. */
  #awaited = new Set<string>();

  /** Whether the manifests in force were run by every target that is looked after, as far as its store answers. */
  get areOver(): boolean {
    return [...this.#awaited].every((target) => this.facts(target)?.error);
  }

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
    this.#awaited.delete(target);
    return facts;
  }

  /** Takes the manifests in force: what was found by other ones of a target or its store tells nothing of these. */
  load(before: Snapshot | undefined, snapshot: Snapshot): void {
    this.#awaited = new Set(runningTargets(snapshot).map(({ name }) => name));
    for (const [name, run] of this.#runs) {
      const store = snapshot.objects.Target.get(name)?.resource.spec.store.name;
      if (store === undefined) this.#runs.delete(name);
      else if (!sameInBoth("Target", name, before, snapshot) || !sameInBoth("Store", store, before, snapshot))
        this.#runs.set(name, { ...run, facts: undefined });
    }
  }
}

/** The identities whose accounts a run looked at or changed. */
export function* touchedBy({ examined, applied }: TargetReport): Generator<string> {
  yield* examined;
  for (const { identity } of applied?.done ?? []) if (identity !== "") yield identity;
}
