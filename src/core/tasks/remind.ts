import { type Task, type TaskEvent, type TaskTerms, timeText } from "./task.ts";

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
export function nextReminder({ phase, opened, reminded, due, closed }: Task, { remind }: TaskTerms): number {
  if (phase !== "Open" || closed !== undefined) return Number.POSITIVE_INFINITY;
  const last = reminded ?? opened;
  return last < due ? Math.min(last + remind, due) : last + remind;
}
