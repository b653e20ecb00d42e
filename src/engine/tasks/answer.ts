import { type Answer, answered } from "../../core/tasks/answer.ts";
import type { State } from "../../state/state.ts";
import { lineOf } from "../journal-line.ts";

/**
 * Takes what somebody says of a task: gives why it cannot be taken, or undefined. What is completed is journalled when the store shows it;
 * what is rejected, at once. Not to be called while the target is run. `now` in ms.
 */
export async function answerTask(state: State, answer: Answer, now: number): Promise<string | undefined> {
  const [task] = await state.tasks({ name: answer.task });
  const next = answered(task, answer, now);
  if (next === undefined) return undefined;
  if ("refused" in next) return next.refused;
  const { by, reason, outcome } = answer;
  const error = `rejected by ${by}${reason === undefined ? "" : `: ${reason}`}`;
  const lines = next.items.map((intent) =>
    lineOf({ ...intent, at: now, task: next.name }, { result: "Failed", error }),
  );
  await state.finish({ tasks: [next], journal: outcome === "Rejected" ? lines : [] });
  return undefined;
}
