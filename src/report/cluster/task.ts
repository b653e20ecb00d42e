import { longestLine, shownChanges, type TaskObjectStatus } from "../../core/kinds/status.ts";
import type { Task } from "../../core/tasks/task.ts";
import type { ChangeLine } from "../change-line.ts";
import { changeText, valueLines } from "../change-text.ts";
import { changeOf } from "../journal.ts";
import { whatOf } from "../task.ts";
import { plain } from "../words.ts";
import { cut, type Observed, statusOf, type Told, timeOf } from "./conditions.ts";

/** Characters of a task's changes in short: a column of `kubectl get`. */
const longestWhat = 80;

export interface TaskInput extends Observed<TaskObjectStatus> {
  /** Undefined where there is none of the object's name. */
  readonly task: Task | undefined;
}

/** The status of a ProvisioningTask: what is to be done, and how that stands. */
export function taskObjectStatus(input: TaskInput): TaskObjectStatus {
  const { task } = input;
  if (!task) return statusOf(gone, input);
  const { items, done = [], closed } = task;
  const changes = (closed === undefined ? items : [...done, ...items]).map(changeOf);
  return {
    ...statusOf(toldOf(task, input.now), input),
    phase: task.phase,
    ...(task.identity === "" ? {} : { identity: cut(task.identity, 1024) }),
    account: cut(task.account, 1024),
    what: cut(whatOf(changes), longestWhat),
    changes: changes.slice(0, shownChanges).map((change) => cut(lineText(change), longestLine)),
    items: changes.length,
    owner: cut(task.owner, 1024),
    opened: timeOf(task.opened),
    due: timeOf(task.due),
  };
}

const gone: Told = {
  reason: "TaskGone",
  message: "there is no such task: it was closed long ago, or never opened; delete this object",
};

function toldOf({ phase, owner, due, answered, message }: Task, now: number): Told {
  const why = message === undefined ? "" : `: ${plain(message)}`;
  const by = plain(answered?.by ?? "somebody");
  switch (phase) {
    case "Open": {
      const isOverdue = now >= due;
      return {
        reason: isOverdue ? "TaskOverdue" : "TaskOpen",
        message: `waits for ${plain(owner)}, ${isOverdue ? "was" : "is"} due ${timeOf(due)}${why}`,
      };
    }
    case "Completed":
      return {
        reason: "TaskCompleted",
        message: `${by} says that it is done; the store does not show it yet`,
      };
    case "Rejected":
      return {
        reason: "TaskRejected",
        message: `rejected by ${by}${answered?.reason === undefined ? "" : `: ${plain(answered.reason)}`}`,
      };
    case "Done":
      return { reason: "TaskDone", message: "the store shows it" };
    case "Withdrawn":
      return { reason: "TaskWithdrawn", message: "it is no longer due" };
  }
}

/** A change in one line, its values with it. */
function lineText(change: ChangeLine): string {
  const [head = ""] = changeText(change);
  return [head, valueLines(change).join("; ")].filter((part) => part !== "").join(": ");
}
