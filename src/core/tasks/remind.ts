import { isLive, type Task, type TaskEvent, type TaskTerms, timeText } from "./task.ts";

/** Reminds the owner of an open task, when it falls due and once each interval. Gives the very same task where nothing is to be said. */
export function remind(task: Task, terms: TaskTerms, now: number, events: TaskEvent[]): Task {
  if (now < nextReminder(task, terms)) return task;
  const next = { ...task, reminded: now };
  const isOverdue = now >= task.due;
  const since = `${isOverdue ? "was" : "is"} due ${timeText(task.due)}`;
  events.push({
    kind: isOverdue ? "Overdue" : "Reminded",
    task: next,
    message: `waits for ${task.owner}, ${since}`,
  });
  return next;
}

/** When there will be something to say of a task (ms); never, of one that nobody has to do. */
export function nextReminder(task: Task, { remind }: TaskTerms): number {
  const { phase, opened, reminded, due, items } = task;
  if (phase !== "Open" || !isLive(task) || items.length === 0) return Number.POSITIVE_INFINITY;
  const last = reminded ?? opened;
  return last < due ? Math.min(last + remind, due) : last + remind;
}
