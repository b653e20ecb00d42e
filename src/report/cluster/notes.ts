import { type AnyStatus, longestMessage } from "../../core/kinds/status.ts";
import type { TaskEvent } from "../../core/tasks/task.ts";
import { plural } from "../words.ts";
import { conditionIn, cut } from "./conditions.ts";
import { type Reason, type ReasonMeaning, reasons } from "./reasons.ts";
import type { RunFacts } from "./run-facts.ts";

/** What an Event says. */
export interface Note {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly note: string;
}

/** What is worth an Event when one status takes the place of the other: that `Ready` changed, or is false for another reason. */
export function transitionNote(before: AnyStatus | undefined, after: AnyStatus): Note | undefined {
  const [was, is] = [conditionIn(before, "Ready"), conditionIn(after, "Ready")];
  if (!is || (was?.status === is.status && (is.status === "True" || was.reason === is.reason)))
    return undefined;
  // That something new is well, or has not been looked at yet, is no news.
  if (!was && (is.status === "True" || notLookedAt.has(is.reason))) return undefined;
  const { stalled, reconciling }: ReasonMeaning = reasons[is.reason as keyof typeof reasons];
  const bad = is.status !== "True" && (stalled || (reconciling && is.reason !== "Progressing"));
  return { type: bad ? "Warning" : "Normal", reason: is.reason, note: is.message };
}

/** `3 changes failed or could not be tried; the first: …` */
export function failureText({ undone, firstFailure }: Pick<RunFacts, "undone" | "firstFailure">): string {
  const first = firstFailure === undefined ? "" : `; the first: ${firstFailure}`;
  return `${plural(undone, "change")} failed or could not be tried${first}`;
}

const notLookedAt: ReadonlySet<string> = new Set<Reason>(["Progressing", "NoTargets"]);

/** What a run did, in one Event however much it was. */
export function runNotes({ done, asked, undone, firstFailure }: RunFacts): readonly Note[] {
  const notes: Note[] = [];
  if (done !== undefined) notes.push({ type: "Normal", reason: "Applied", note: done });
  if (asked !== undefined)
    notes.push({ type: "Normal", reason: "Asked", note: `${asked} asked of people: kubectl get ptask` });
  if (firstFailure !== undefined)
    notes.push({
      type: "Warning",
      reason: "ChangesFailed",
      // As the condition has it, so that it is not told twice.
      note: cut(failureText({ undone, firstFailure }), longestMessage),
    });
  return notes;
}

/** Of so many tasks at once the Target tells besides: not each of them has an Event of its own. */
const manyTasks = 10;

/** What happened to tasks in one run, in one Event where there are many. That they were opened is told as what was asked. */
export function tasksNote(events: readonly TaskEvent[]): Note | undefined {
  const words = events.flatMap(({ kind }) =>
    kind === "Opened" || kind === "Changed" ? [] : kind.toLowerCase(),
  );
  if (words.length < manyTasks) return undefined;
  const counts = [...Map.groupBy(words, (word) => word)].map(([word, all]) => `${all.length} ${word}`);
  const isBad = words.some((word) => word === "overdue" || word === "reopened");
  return {
    type: isBad ? "Warning" : "Normal",
    reason: "Tasks",
    note: `tasks of people: ${counts.join(", ")}: kubectl get ptask`,
  };
}
