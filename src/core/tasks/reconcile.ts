import type { PlanItem } from "../model/change.ts";
import type { Intent } from "../model/journal.ts";
import { getOrAdd } from "../model/maps.ts";
import type { Attributes } from "../model/values.ts";
import type { Covering } from "./covering.ts";
import { effectsOf } from "./effects.ts";
import { remind } from "./remind.ts";
import {
  isLive,
  subjectOfItem,
  subjectOfTask,
  type Task,
  type TaskEvent,
  type TaskTerms,
  taskName,
  timeText,
} from "./task.ts";

export interface TaskInput {
  readonly target: string;
  readonly terms: TaskTerms;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly digestKey: string;
  /** The live tasks of the target. */
  readonly tasks: readonly Task[];
  readonly covering: Covering;
  /** What people are to do: what was let pass just now, and what waits in a task. */
  readonly wanted: readonly PlanItem[];
  /** A change as it is kept, so that it can be looked up. */
  readonly intentOf: (item: PlanItem) => Intent;
  /** Whether the plan tells all that is still to be done of it: it was looked at, and nothing is unknown (law 4). */
  readonly isTold: (task: Task) => boolean;
  /** What `unique()` chose for an identity. */
  readonly decided: (identity: string) => Attributes | undefined;
}

export interface TaskChanges {
  /** What has changed and is to be kept. */
  readonly put: readonly Task[];
  /** The live tasks as they are now. */
  readonly live: readonly Task[];
  readonly events: readonly TaskEvent[];
}

/**
 * Brings the tasks up to what is to be done now, one task for each account.
 *
 * ```
 *  task       to be done by hand  what happens
 *  ─────────  ──────────────────  ──────────────────────────────────────────────────────────────
 *  none       something           opened
 *  Open       the same, or less   kept, with what is left of it; its owner is reminded
 *  Completed  the same, or less   kept: the store does not show it yet
 *  either     something more      the task gets it too; one that was completed is open again
 *  Rejected   the same, or less   kept: it stays undone
 *  Rejected   something more      another task is opened
 *  any        nothing             Done where the store has shown all of it, else Withdrawn
 *  any        unknown             kept as it is
 * ```
 *
 * A generator, as planning is.
 */
export function* reconcile(input: TaskInput): Generator<void, TaskChanges> {
  const { events, ...kept } = { put: [] as Task[], live: [] as Task[], events: [] as TaskEvent[] };
  const keep = (next: Task, before?: Task) => {
    if (next !== before) kept.put.push(next);
    if (isLive(next)) kept.live.push(next);
  };
  const rejected = new Set<Task>();
  const wanted = new Map<string, PlanItem[]>();
  for (const item of input.wanted) {
    const task = input.covering(item);
    if (task?.phase === "Rejected") rejected.add(task);
    else getOrAdd(wanted, subjectOfItem(item), () => []).push(item);
    yield;
  }
  for (const task of input.tasks) {
    const isRejected = task.phase === "Rejected";
    const mine = (!isRejected && wanted.get(subjectOfTask(task))) || [];
    if (!isRejected) wanted.delete(subjectOfTask(task));
    if (isOver(task, input, mine.length > 0 || rejected.has(task))) keep(closed(task, input.now, events));
    else keep(isRejected ? task : changed(task, mine, input, events), task);
    yield;
  }
  for (const [subject, mine] of wanted) {
    keep(open(subject, mine, input, events));
    yield;
  }
  return { ...kept, events };
}

/** Whether nothing of a task is to be done any more; of what is unknown nobody can say so (law 4). */
function isOver(task: Task, { isTold }: TaskInput, isWanted: boolean): boolean {
  return !isWanted && (task.items.length === 0 || isTold(task));
}

/** What becomes of the tasks of a target that people are no longer asked to change. */
export function closeAll(tasks: readonly Task[], now: number): TaskChanges {
  const events: TaskEvent[] = [];
  return { put: tasks.map((task) => closed(task, now, events)), live: [], events };
}

function open(subject: string, wanted: readonly PlanItem[], input: TaskInput, events: TaskEvent[]): Task {
  const { target, terms, now, digestKey } = input;
  const first = wanted[0]!;
  const hashes = wanted.map(({ hash }) => hash);
  const decided = input.decided(first.identity);
  const task: Task = {
    name: taskName(target, subject, now, hashes),
    target,
    identity: first.identity,
    account: first.name,
    owner: terms.owner,
    items: wanted.map(input.intentOf),
    effects: effectsIn(wanted, digestKey),
    ...(decided && Object.keys(decided).length > 0 ? { decided } : {}),
    opened: now,
    due: isUrgent(wanted) ? now : now + terms.due,
    phase: "Open",
  };
  events.push({ kind: "Opened", task, message: `opened for ${task.owner}, due ${timeText(task.due)}` });
  return task;
}

/** The very same object where nothing has changed. */
function changed(task: Task, wanted: readonly PlanItem[], input: TaskInput, events: TaskEvent[]): Task {
  const { terms, now, digestKey } = input;
  const known = new Map(task.items.map((intent) => [intent.item, intent]));
  const items = wanted.map((item) => refreshed(known.get(item.hash), input.intentOf(item)));
  const isTold = input.isTold(task);
  const hashes = new Set(items.map(({ item }) => item));
  // What somebody has undone is to be done again.
  const done = task.done?.filter(({ item }) => !hashes.has(item));
  const untold = isTold ? [] : task.items.filter(({ item }) => !hashes.has(item));
  const more = effectsIn(wanted, digestKey);
  const isMore = !more.every((effect) => task.effects.includes(effect));
  const { answered: _, marker: __, ...unanswered } = task;
  const next: Task = {
    ...(isMore && task.phase === "Completed" ? unanswered : task),
    account: wanted.at(-1)?.name ?? task.account,
    owner: terms.owner,
    items: [...untold, ...items],
    ...(done && { done }),
    effects: isTold ? more : [...new Set([...task.effects, ...more])].sort(),
    due: isMore && isUrgent(wanted) ? Math.min(task.due, now) : task.due,
    ...(isMore
      ? ({ phase: "Open", message: "more is to be done than at first", reminded: now } as const)
      : {}),
  };
  if (isMore) events.push({ kind: "Changed", task: next, message: "more is to be done" });
  const reminded = isMore ? next : remind(next, terms, now, events);
  return JSON.stringify(reminded) === JSON.stringify(task) ? task : reminded;
}

/** The very same object where nothing but the time has changed. An account may have got another name, and a reason may have gone. */
function refreshed(known: Intent | undefined, intent: Intent): Intent {
  if (!known) return intent;
  const { at, approvedBy } = known;
  const next = { ...intent, at, ...(approvedBy === undefined ? {} : { approvedBy }) };
  return JSON.stringify({ ...next, revision: known.revision }) === JSON.stringify(known) ? known : next;
}

function closed(task: Task, now: number, events: TaskEvent[]): Task {
  const { message: _, ...rest } = task;
  const isDone = task.items.length === 0;
  if (!isDone && task.phase === "Rejected") return { ...task, closed: now };
  const message = isDone ? "the store shows it" : "it is no longer due";
  const phase = isDone ? "Done" : "Withdrawn";
  const next: Task = { ...rest, phase, message, closed: now };
  events.push({ kind: phase, task: next, message });
  return next;
}

function effectsIn(wanted: readonly PlanItem[], digestKey: string): readonly string[] {
  return [...new Set(wanted.flatMap((item) => effectsOf(item, digestKey)))].sort();
}

/** Nobody has time for an emergency. */
function isUrgent(wanted: readonly PlanItem[]): boolean {
  return wanted.some(({ emergency }) => emergency === true);
}
