import { z } from "zod";
import { taskOutcomes } from "../core/kinds/provisioning-task.ts";

/**
 * What commands ask of a running controller over its socket: one JSON object on a line, answered by one. Only the user whose
 * controller it is can open the socket.
 */
export const controlRequest = z.discriminatedUnion("do", [
  /** Approves a hold, and applies it. */
  z.object({ do: z.literal("approve"), hash: z.string(), by: z.string() }),
  /** Looks at the targets (all, where none is named) and applies what is due: with `plan`, what the plan of that hash showed. */
  z.object({
    do: z.literal("apply"),
    plan: z.string().optional(),
    targets: z.array(z.string()).readonly().optional(),
  }),
  /** Takes what somebody says of a task, and looks at its target. */
  z.object({
    do: z.literal("task"),
    task: z.string(),
    target: z.string(),
    outcome: z.enum(taskOutcomes),
    by: z.string(),
    reason: z.string().optional(),
  }),
  /** Sets one password; without a value it is generated, and delivered as the target says. */
  z.object({
    do: z.literal("password"),
    target: z.string(),
    identity: z.string(),
    value: z.string().optional(),
    mustChange: z.boolean().optional(),
    by: z.string(),
  }),
  /** Keeps a plan that a person was shown, for `apply` to name. */
  z.object({ do: z.literal("remember"), hash: z.string(), items: z.array(z.string()).readonly() }),
]);

export type ControlRequest = z.output<typeof controlRequest>;

/** What came of one target. */
export const targetSummary = z.object({
  target: z.string(),
  done: z.number(),
  failed: z.array(z.object({ operation: z.string(), name: z.string(), error: z.string() })),
  /** Not tried: the store went away, or the work was stopped. */
  left: z.number(),
  /** Given to people to do. */
  handed: z.number(),
  /** Items that are withheld, by why. */
  withheld: z.record(z.string(), z.number()),
  error: z.string().optional(),
});

export const controlAnswer = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), targets: z.array(targetSummary) }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

export type TargetSummary = z.output<typeof targetSummary>;
export type ControlAnswer = z.output<typeof controlAnswer>;
