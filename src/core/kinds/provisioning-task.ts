import { z } from "zod";
import { celRule, longText, reference, text } from "./common.ts";
import { type ApiKind, plurals } from "./kinds.ts";

export const taskOutcomes = ["Completed", "Rejected"] as const;

const spec = z.object({
  target: reference.describe("The Target whose account is to be changed by hand. It never changes."),
  outcome: z
    .enum(taskOutcomes)
    .optional()
    .describe(
      "What you did: Completed, and the task closes once the store shows it; Rejected, and the changes stay undone until something else is due.",
    ),
  by: text
    .optional()
    .describe("Who says so: in a cluster the user name by which the API server knows you. With `outcome`."),
  reason: longText
    .optional()
    .describe("Why, for whoever looks at this later. A rejection cannot be without."),
});

const bothOrNone = "must be set together with outcome";
const reasonNeeded = "must say why the task is rejected";

const checked = spec
  .refine(({ outcome, by }) => (outcome === undefined) === (by === undefined), {
    path: ["by"],
    error: bothOrNone,
  })
  .refine(({ outcome, reason }) => outcome !== "Rejected" || (reason ?? "") !== "", {
    path: ["reason"],
    error: reasonNeeded,
  });

/** What a person says of a task. The controller makes the object and tells in its status what is to be done. */
export const taskSpec = celRule(
  checked,
  { rule: "has(self.outcome) == has(self.by)", message: `by ${bothOrNone}` },
  {
    rule: "!has(self.outcome) || self.outcome != 'Rejected' || (has(self.reason) && self.reason != '')",
    message: `reason ${reasonNeeded}`,
  },
  { rule: "self.target == oldSelf.target", message: "target cannot be changed: a task is of one target" },
);

export type TaskSpec = z.output<typeof taskSpec>;
export type TaskOutcome = (typeof taskOutcomes)[number];

export const taskKind: ApiKind<"ProvisioningTask"> = {
  name: "ProvisioningTask",
  plural: plurals.ProvisioningTask,
  short: "ptask",
  summary:
    "Work for a person, in a store that people keep. Made by the controller; a person says what became of it.",
  spec: taskSpec,
};

/** What somebody says of a task: in a file, at the API, or by a command. */
export interface TaskAnswer {
  /** The task's name. */
  readonly task: string;
  readonly target: string;
  readonly outcome: TaskOutcome;
  readonly by: string;
  readonly reason?: string;
  /** Changes whenever its source does: an answer of one digest is taken once. */
  readonly digest: string;
}

/** Undefined where nothing is said yet. */
export function taskAnswer(task: string, said: TaskSpec, digest: string): TaskAnswer | undefined {
  const { target, outcome, by, reason } = said;
  if (outcome === undefined || by === undefined) return undefined;
  return { task, target: target.name, outcome, by, ...(reason !== undefined && { reason }), digest };
}
