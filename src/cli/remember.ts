import { taskKind } from "../core/kinds/provisioning-task.ts";
import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import { answerTask } from "../engine/answer-task.ts";
import { closeTasksOfGone } from "../engine/close-tasks.ts";
import type { Engine } from "../engine/engine.ts";
import { KnownManifests } from "../resources/known.ts";
import { resolve } from "../resources/resolve.ts";
import type { Reading } from "../resources/resources.ts";
import type { State } from "../state/state.ts";

export interface Remembering {
  readonly state: State;
  readonly engine: Engine;
  readonly now: () => number;
  /** Whether what was read is kept in the state. */
  readonly writes: boolean;
}

/** Takes in readings, one after the other: what is in force by each goes to the engine, and what is new of it to the state. */
export async function rememberer({ state, engine, now, writes }: Remembering) {
  const known = new KnownManifests(await state.manifests());
  return async (reading: Reading): Promise<Snapshot> => {
    const { snapshot, changes } = resolve(reading, known, now());
    if (writes && changes.put.length + changes.remove.length > 0) {
      await state.saveManifests(changes);
      known.apply(changes);
    }
    engine.load(snapshot);
    if (writes) await closeTasksOfGone(state, snapshot, now());
    const refused = writes ? await takeAnswers(state, reading.answers, now()) : [];
    return refused.length === 0 ? snapshot : { ...snapshot, problems: [...snapshot.problems, ...refused] };
  };
}

/** Takes what is said of tasks; gives what is wrong with it. */
async function takeAnswers(
  state: State,
  answers: Reading["answers"],
  now: number,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const answer of answers) {
    const message = await answerTask(state, answer, now);
    if (message === undefined) continue;
    problems.push({ kind: taskKind.name, name: answer.task, message, severity: "Warning" });
  }
  return problems;
}
