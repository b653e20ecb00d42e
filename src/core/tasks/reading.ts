import type { Intent } from "../model/journal.ts";
import { type Task, type TaskEvent, timeText } from "./task.ts";

/** What a reading of the store has to tell of a task. */
export interface TaskReading {
  /** The item hashes that it shows done. */
  readonly done: ReadonlySet<string>;
  /** What it shows done in part: the part, and the rest, by item hash. */
  readonly parts: ReadonlyMap<string, { readonly made: Intent; readonly rest: Intent }>;
  /** The store's marker; undefined where each reading may be another. */
  readonly marker: string | undefined;
  /** When it was made (ms). */
  readonly at: number;
}

/**
 * A task after its store was read: what is done is no longer in it. One that was completed is open again when a reading newer than that
 * does not show it: where the store has a marker, one with another marker than the first reading after it.
 */
export function afterReading(
  task: Task,
  { done, parts, marker, at }: TaskReading,
  events: TaskEvent[],
): Task {
  const left = withDone(withParts(task, parts), done);
  const { items } = left;
  if (task.phase !== "Completed" || items.length === 0) return left;
  if (marker !== undefined && task.marker === undefined) return { ...left, marker };
  if (marker !== undefined && task.marker === marker) return left;
  const { marker: _, answered, ...rest } = left;
  const said = answered ? `${answered.by} completed it ${timeText(answered.at)}, and ` : "";
  const message = `${said}the store does not show it`;
  const open: Task = { ...rest, phase: "Open", message, reminded: at };
  events.push({ kind: "Reopened", task: open, message });
  return open;
}

function withParts(task: Task, parts: TaskReading["parts"]): Task {
  const made = task.items.flatMap(({ item }) => parts.get(item)?.made ?? []);
  if (made.length === 0) return task;
  const items = task.items.map((intent) => parts.get(intent.item)?.rest ?? intent);
  return { ...task, items, done: [...(task.done ?? []), ...made] };
}

/** The task when these of its items are done: it still tells of them. The very same object where none of them is in it. */
export function withDone(task: Task, done: { has(item: string): boolean }): Task {
  const { left = [], shown = [] } = Object.groupBy(task.items, ({ item }) =>
    done.has(item) ? "shown" : "left",
  );
  return shown.length === 0 ? task : { ...task, items: left, done: [...(task.done ?? []), ...shown] };
}
