import type { TargetModel } from "../../core/desired/target-model.ts";
import { valuesOf } from "../../core/model/values.ts";
import { sensitiveEffect } from "../../core/tasks/effects.ts";
import type { Task } from "../../core/tasks/task.ts";
import { isMasked } from "../../report/patch.ts";
import type { Intent } from "../../state/state.ts";
import { FoundDone, type LookedUp } from "../found-done.ts";
import { imageAfter } from "../intent-image.ts";
import { bears, type Judge, judgeOf } from "../judge.ts";
import { lookUp } from "../look-up.ts";
import { callFor, type Parts } from "../parts.ts";
import type { TargetLane } from "../target-lane.ts";
import { showsNothing } from "./shows-nothing.ts";
import { type Split, splitUpdate } from "./split-update.ts";

/** What a store shows of tasks. */
export interface TasksLookedUp {
  readonly found: FoundDone;
  /** What is done. */
  readonly shown: readonly LookedUp[];
  /** What is done in part, by item hash. */
  readonly splits: ReadonlyMap<string, Split>;
  readonly isBare: boolean;
  readonly taskOf: (intent: Intent) => Task | undefined;
}

/** Looks up what of these tasks is done. Throws a `StoreError`. */
export async function lookUpTasks(
  parts: Parts,
  lane: TargetLane,
  tasks: readonly Task[],
): Promise<TasksLookedUp> {
  const byItem = new Map(tasks.flatMap((task) => task.items.map(({ item }) => [item, task] as const)));
  const taskOf = ({ item }: Intent) => byItem.get(item);
  // Nobody knows when it was done: the store shows it from now on.
  const at = parts.clock.now();
  const all = tasks.flatMap(({ items }) => items.map((intent) => [intent.item, { ...intent, at }] as const));
  const intents = [...new Map(all).values()];
  const decided = new Map(tasks.map((task) => [task.identity, task.decided ?? {}]));
  const found = await FoundDone.of(parts, lane, intents, (identity) => decided.get(identity) ?? {});
  const judge = judgeOfTasks(lane.model, taskOf);
  const looked = await lookUp(lane, intents, found, judge, callFor(parts, 300_000));
  const isBare = looked.some(({ missing }) => missing) && (await isStoreBare(parts, lane, intents));
  const splits = new Map<string, Split>();
  for (const { intent, done, record } of looked) {
    const split =
      !done && record && splitUpdate(intent, (name, values) => judge.bears(intent, record, name, values));
    if (split) splits.set(intent.item, split);
  }
  return { found, shown: looked.filter(({ done }) => done), splits, isBare, taskOf };
}

/** Of accounts that are to be deleted a store may well show none. */
function isStoreBare(parts: Parts, lane: TargetLane, intents: readonly Intent[]): Promise<boolean> {
  const leaving = intents.filter(({ operation }) => operation === "Delete").map(({ identity }) => identity);
  return showsNothing(lane, new Set(leaving), callFor(parts, 300_000));
}

/**
 * What people made is taken for what they were asked for where it has the name that was wanted, and bears all that was wanted or the keys
 * that prove whose it is. Where somebody says that it is made, it may have no keys, or those keys and another name. What else it lacks is
 * the next thing to do.
 */
function judgeOfTasks(model: TargetModel, taskOf: (intent: Intent) => Task | undefined): Judge {
  const { schema, digestKey } = model;
  const byImage = judgeOf(
    schema,
    (intent, attribute, values) =>
      taskOf(intent)?.effects.includes(sensitiveEffect(attribute, values, digestKey)) === true,
  );
  const strong = model.match.filter((rule) => rule.strong);
  return {
    bears: byImage.bears,
    shows: byImage.shows,
    keysOf: (intent) => {
      if (taskOf(intent)?.phase !== "Completed") return [];
      const { attributes = {} } = imageAfter(intent);
      return strong.flatMap(({ keys }) => {
        const asked = keys.flatMap((key) =>
          (attributes[key] ?? []).slice(0, 1).map((value) => [key, value] as const),
        );
        const isWhole = asked.length === keys.length && !asked.some(([, value]) => isMasked(value));
        return isWhole ? [Object.fromEntries(asked)] : [];
      });
    },
    isOurs: (intent, record) => {
      if (byImage.isOurs(intent, record)) return true;
      const { attributes = {} } = imageAfter(intent);
      const bearsKey = (key: string) =>
        attributes[key] !== undefined && bears(schema, record, key, attributes[key]);
      if (strong.some(({ keys }) => keys.every(bearsKey))) return true;
      const isOther = (key: string) => valuesOf(record.attributes, key).length > 0 && !bearsKey(key);
      return taskOf(intent)?.phase === "Completed" && !strong.some(({ keys }) => keys.some(isOther));
    },
  };
}
