import type { Link } from "../../core/model/link.ts";
import { type Covering, covering } from "../../core/tasks/covering.ts";
import { afterReading } from "../../core/tasks/reading.ts";
import type { Task, TaskEvent } from "../../core/tasks/task.ts";
import type { Intent, JournalEntry } from "../../state/state.ts";
import { foreseen, type Memory } from "../foreseen.ts";
import { lineOf } from "../journal-line.ts";
import { callFor, type Parts } from "../parts.ts";
import type { RunOptions } from "../run-options.ts";
import type { TargetLane } from "../target-lane.ts";
import { lookUpTasks } from "./look-up-tasks.ts";
import { questionOf } from "./plan-standing.ts";

/** The live tasks of a target after its store was looked at. */
export interface SettledTasks {
  readonly tasks: readonly Task[];
  /** Undefined where Rollcall makes the changes itself. */
  readonly covering: Covering | undefined;
  /** Where there is no store but people's word: in which task they say that they have made a change. */
  readonly said: Covering | undefined;
  readonly events: readonly TaskEvent[];
  /** The store shows none of the accounts that are linked: no task is closed for what it does not show. */
  readonly isBare: boolean;
  /** The store's marker, where neither it nor the tasks have changed since the store was last asked: it was not asked again. */
  readonly unchanged: string | undefined;
  /** Identities of whose accounts something was found done. */
  readonly noted: ReadonlySet<string>;
  /** What people have done, as the store shows it now: lines of the journal. */
  readonly byHand: readonly Omit<JournalEntry, "seq">[];
  /** What is remembered of the target's accounts, what was found done with it: a plan, which writes nothing, reads it here. */
  readonly memory: Memory;
}

/**
 * Looks up what people have done of their tasks. What the store shows is remembered as if Rollcall had done it, and journalled with who
 * said so; a task that was completed and that a newer reading does not show is open again. For a plan nothing is written, and all of it is
 * known in memory alone.
 */
export async function settleTasks(
  parts: Parts,
  lane: TargetLane,
  { planOnly, full }: Pick<RunOptions, "planOnly" | "full">,
): Promise<SettledTasks> {
  const { model, connector } = lane;
  const { isRecord } = model.storeSpec.block;
  const { state, clock } = parts;
  const known = await state.tasks({ target: model.name });
  const isByHand = model.tasks !== undefined;
  const settled = (tasks: readonly Task[], found: Partial<SettledTasks> = {}): SettledTasks => {
    const covered = isByHand ? covering(tasks, model.digestKey) : undefined;
    return {
      tasks,
      covering: covered,
      said: covered && isRecord ? completedAlone(covered) : undefined,
      events: [],
      isBare: false,
      unchanged: undefined,
      noted: new Set(),
      byHand: [],
      memory: state,
      ...found,
    };
  };
  if (known.length === 0) return settled([]);
  const storeMarker = await connector.marker?.(callFor(parts, 60_000));
  const isAnother = full || lane.everything || questionOf(storeMarker, known) !== lane.asked;
  if (lane.asked !== undefined && !isAnother) return settled(known, { unchanged: storeMarker });
  // What is nothing but people's word shows no change that they did not tell: it is no newer reading of anything.
  const marker = isRecord ? "word" : storeMarker;
  // What a run plans of a store that shows nothing must not stand once the store is as it was before.
  lane.asked = undefined;
  const { found, shown, splits, isBare, taskOf } = await lookUpTasks(parts, lane, known);
  if (isBare) return settled(known, { isBare });
  const done = new Set(shown.map(({ intent }) => intent.item));
  const events: TaskEvent[] = [];
  const tasks = known.map((task) =>
    afterReading(task, { done, parts: splits, marker, at: clock.now() }, events),
  );
  if (!planOnly && shown.length + splits.size === 0) lane.asked = questionOf(storeMarker, tasks);
  const changed = tasks.filter((task, place) => task !== known[place]);
  // What is nothing but people's word we have written ourselves, and journalled when we did.
  const inPart = [...splits.values()].map(({ made }) => ({ intent: made, record: undefined }));
  const byHand = (isRecord ? [] : [...shown, ...inPart]).map(({ intent, record }) =>
    lineByHand(intent, taskOf(intent)!, record ?? found.linkOf(intent.identity)),
  );
  if (changed.length > 0) {
    if (!planOnly) await state.finish({ ...found.writes(), tasks: changed, journal: byHand });
    found.commit();
  }
  const noted = new Set(shown.map(({ intent }) => intent.identity));
  const memory = planOnly ? foreseen(state, found.writes()) : state;
  return settled(tasks, { events, noted, byHand, memory });
}

/**
 * Which of these tasks the store shows something of, whatever it showed when they were looked up for the run: people may have been at it
 * since.
 */
export async function shownSince(
  parts: Parts,
  lane: TargetLane,
  tasks: readonly Task[],
): Promise<ReadonlySet<Task>> {
  if (tasks.length === 0) return new Set();
  const { shown, splits, taskOf } = await lookUpTasks(parts, lane, tasks);
  const intents = [...shown.map(({ intent }) => intent), ...splits.values().map(({ made }) => made)];
  return new Set(intents.flatMap((intent) => taskOf(intent) ?? []));
}

/** The journal's line of what people have done, with the account as it is. */
function lineByHand(
  intent: Intent,
  { name: task, phase, answered }: Task,
  account: Pick<Link, "anchor" | "name"> | undefined,
) {
  const who = phase === "Completed" && answered ? { doneBy: answered.by } : {};
  const { anchor, name } = account ?? intent;
  return lineOf({ ...intent, task, ...who }, { result: "Done", anchor, name });
}

function completedAlone(covered: Covering): Covering {
  return (item) => {
    const task = covered(item);
    return task?.phase === "Completed" ? task : undefined;
  };
}
