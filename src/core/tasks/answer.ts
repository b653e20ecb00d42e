import type { TaskAnswer } from "../kinds/provisioning-task.ts";
import { isLive, type Task } from "./task.ts";

/** What somebody says of a task; `digest` where the same may be said again and is to be taken once. */
export interface Answer extends Omit<TaskAnswer, "digest" | "reason"> {
  readonly reason?: string | undefined;
  readonly digest?: string;
}

/** The task as somebody answered it; undefined where that was taken before; or why it cannot be. `now` in ms. */
export function answered(
  task: Task | undefined,
  { task: name, target, outcome, by, reason, digest }: Answer,
  now: number,
): Task | { readonly refused: string } | undefined {
  if (!task || task.target !== target)
    return { refused: `there is no task ${name} of target ${target}: it may be closed for long` };
  if (digest !== undefined && task.answer === digest) return undefined;
  if (by.trim() === "") return { refused: `say who answers for task ${name}` };
  if (outcome === "Rejected" && !reason?.trim()) return { refused: `say why task ${name} is rejected` };
  if (!isLive(task))
    return { refused: `task ${name} is closed (${task.phase}): nothing is left to be said of it` };
  const { message: _, marker: __, ...rest } = task;
  return {
    ...rest,
    phase: outcome,
    answered: { by, at: now, ...(reason === undefined ? {} : { reason }) },
    ...(digest === undefined ? {} : { answer: digest }),
  };
}
