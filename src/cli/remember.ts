import { taskKind } from "../core/kinds/provisioning-task.ts";
import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import { inSlices, inTurns } from "../engine/breathe.ts";
import type { Engine } from "../engine/engine.ts";
import { answerTask } from "../engine/tasks/answer.ts";
import { closeTasksOfGone } from "../engine/tasks/close.ts";
import { KnownManifests, type ManifestChanges } from "../resources/known.ts";
import { resolving } from "../resources/resolve.ts";
import type { Reading } from "../resources/resources.ts";
import type { State } from "../state/state.ts";

export interface Remembering {
  readonly state: State;
  readonly engine: Pick<Engine, "load">;
  readonly now: () => number;
  /** Whether what was read is kept in the state. */
  readonly writes: boolean;
  /** Told of which targets somebody has said something new of a task: they are to be run. */
  readonly answered?: (targets: ReadonlySet<string>) => void;
}

/** Takes in readings, one after the other: what is in force by each goes to the engine, and what is new of it to the state. */
export async function rememberer({ state, engine, now, writes, answered }: Remembering) {
  const known = new KnownManifests(await state.manifests());
  const answers = new Answers(state);
  return async (reading: Reading): Promise<Snapshot> => {
    const { snapshot, changes } = await inSlices(resolving(reading, known, now()));
    if (writes) {
      await saveManifests(state, changes);
      known.apply(changes);
    }
    await engine.load(snapshot);
    if (!writes) return snapshot;
    await closeTasksOfGone(state, snapshot, now());
    const { targets, refused } = await answers.take(reading.answers, now());
    if (targets.size > 0) answered?.(targets);
    return refused.length === 0 ? snapshot : { ...snapshot, problems: [...snapshot.problems, ...refused] };
  };
}

/** Manifests that are saved in one transaction. */
const savedAtOnce = 1000;

/** Keeps what is new of manifests, in pieces: what is not kept by one who is killed meanwhile is read again. */
export async function saveManifests(state: State, { put, remove }: ManifestChanges): Promise<void> {
  if (put.length + remove.length === 0) return;
  await state.saveManifests({ put: put.slice(0, savedAtOnce), remove });
  for await (const some of inTurns(put.slice(savedAtOnce), savedAtOnce))
    await state.saveManifests({ put: some, remove: [] });
}

interface DealtWith {
  readonly digest: string;
  readonly refused: string | undefined;
}

/** What is said of tasks by files or objects: they stay, and are read again and again. */
class Answers {
  readonly #state: State;
  /** By task: what was dealt with last, and what is wrong with it. */
  #known: ReadonlyMap<string, DealtWith> = new Map();

  constructor(state: State) {
    this.#state = state;
  }

  /** Takes what is new; gives the targets of its tasks, and what is wrong with any of it. */
  async take(
    answers: Reading["answers"],
    now: number,
  ): Promise<{ readonly targets: ReadonlySet<string>; readonly refused: readonly Problem[] }> {
    const targets = new Set<string>();
    const next = new Map<string, DealtWith>();
    for (const answer of answers) {
      const before = this.#known.get(answer.task);
      const isNew = before?.digest !== answer.digest;
      const refused = isNew ? await answerTask(this.#state, answer, now) : before.refused;
      if (isNew && refused === undefined) targets.add(answer.target);
      next.set(answer.task, { digest: answer.digest, refused });
    }
    this.#known = next;
    const refused = [...next].flatMap(([name, { refused: message }]): Problem[] =>
      message === undefined ? [] : [{ kind: taskKind.name, name, message, severity: "Warning" }],
    );
    return { targets, refused };
  }
}
