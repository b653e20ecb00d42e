import { getOrAdd } from "../core/model/maps.ts";
import { type Task, timeText } from "../core/tasks/task.ts";
import type { ChangeLine } from "./change-line.ts";
import { attributesOf, changeText } from "./change-text.ts";
import { changeOf } from "./journal.ts";
import { table } from "./table.ts";
import { plain } from "./words.ts";

/** A task as data: the format of `task show -o json`. */
export interface TaskDocument
  extends Pick<Task, "name" | "target" | "identity" | "account" | "owner" | "phase" | "message"> {
  /** RFC 3339. */
  readonly opened: string;
  readonly due: string;
  readonly closed?: string;
  /** Nobody has said that it is done, and it is due. */
  readonly overdue: boolean;
  readonly answered?: { readonly by: string; readonly at: string; readonly reason?: string };
  /** In short, what is to be done; of a task that is closed, all that was asked: `create; grant lab`. */
  readonly what: string;
  /** What is to be done; of a task that is closed, what was not. */
  readonly changes: readonly ChangeLine[];
  /** What the store has shown done. */
  readonly done: readonly ChangeLine[];
}

/** What a line of a list tells of a task. */
export type TaskRow = Pick<
  TaskDocument,
  "name" | "target" | "account" | "what" | "owner" | "due" | "phase" | "overdue"
>;

/** `now` in ms. */
export function taskDocument(task: Task, now: number): TaskDocument {
  const { name, target, identity, account, owner, phase, message, opened, due, closed, answered } = task;
  const changes = task.items.map(changeOf);
  const done = (task.done ?? []).map(changeOf);
  return {
    ...{ name, target, identity, account, owner, phase },
    ...(message === undefined ? {} : { message }),
    opened: timeText(opened),
    due: timeText(due),
    ...(closed === undefined ? {} : { closed: timeText(closed) }),
    overdue: isOverdue(task, now),
    ...(answered && { answered: { ...answered, at: timeText(answered.at) } }),
    what: whatOf(closed === undefined ? changes : [...done, ...changes]),
    changes,
    done,
  };
}

export function isOverdue(
  { phase, due, closed }: Pick<Task, "phase" | "due" | "closed">,
  now: number,
): boolean {
  return closed === undefined && (phase === "Open" || phase === "Completed") && now >= due;
}

/** What is to be done, in short: `create`, `update mail, sn; grant lab`. */
export function whatOf(changes: readonly ChangeLine[]): string {
  const details = new Map<string, Set<string>>();
  for (const change of changes) {
    const of = getOrAdd(details, change.action, () => new Set<string>());
    if (change.entitlement !== undefined) of.add(change.entitlement);
    if (change.action === "update") for (const name of attributesOf(change)) of.add(name);
  }
  return [...details]
    .map(([action, of]) => [action, [...of].map(plain).join(", ")].join(" ").trim())
    .join("; ");
}

/** Tasks for people, a line each. */
export function tasksText(tasks: readonly TaskRow[]): string {
  if (tasks.length === 0) return "Nobody is asked to do anything.\n";
  const head = ["TASK", "TARGET", "ACCOUNT", "WHAT", "OWNER", "DUE", "PHASE"];
  const rows = tasks.map(({ name, target, account, what, owner, due, phase, overdue }) => [
    name,
    target,
    plain(account),
    what,
    plain(owner),
    due,
    overdue ? `${phase}, overdue` : phase,
  ]);
  return `${table([head, ...rows]).join("\n")}\n`;
}

/** How a task stands that somebody has just answered. */
export function standingText({ name, phase, answered, message }: Task): string {
  const by = plain(answered?.by ?? "");
  switch (phase) {
    case "Completed":
      return `Task ${name} is completed by ${by}. It is done once a look at the store shows it.`;
    case "Rejected":
      return `Task ${name} is rejected by ${by}: ${plain(answered?.reason ?? "")}.`;
    default:
      return `Task ${name} is ${phase.toLowerCase()}${message === undefined ? "" : `: ${plain(message)}`}.`;
  }
}

/** One task with all that is to be done, and why. */
export function taskText(task: TaskDocument): string {
  const { name, target, identity, account, owner, opened, due, closed, phase, message, answered } = task;
  const whose = identity === "" || identity === account ? "" : ` (${plain(identity)})`;
  const said = answered
    ? [
        `  ${phase === "Rejected" ? "rejected" : "completed"} by ${plain(answered.by)} at ${answered.at}${answered.reason === undefined ? "" : `: ${plain(answered.reason)}`}`,
      ]
    : [];
  return `${[
    `Task ${name}: ${phase}${task.overdue ? ", overdue" : ""}${message === undefined ? "" : ` (${plain(message)})`}`,
    `  ${plain(account)}${whose} in target ${target}, for ${plain(owner)}`,
    `  opened ${opened}, due ${due}${closed === undefined ? "" : `, closed ${closed}`}`,
    ...said,
    ...task.changes.flatMap(changeText).map((line) => `  ${line}`),
    ...(task.done.length === 0 ? [] : ["  done:"]),
    ...task.done.flatMap(changeText).map((line) => `    ${line}`),
  ].join("\n")}\n`;
}
