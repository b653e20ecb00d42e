import type { PlanItem } from "../model/change.ts";
import { sha256 } from "../model/hash.ts";
import type { Intent } from "../model/journal.ts";
import type { Attributes } from "../model/values.ts";

/**
 * Open: to be done. Completed: somebody says that it is done, and the store does not show it yet. Rejected: somebody says that it will
 * not be done. Done: the store shows it. Withdrawn: it is no longer due.
 */
export const taskPhases = ["Open", "Completed", "Rejected", "Done", "Withdrawn"] as const;
export type TaskPhase = (typeof taskPhases)[number];

/** What somebody is to do by hand to one account (or one entitlement) of a target whose store people change. Times in ms. */
export interface Task {
  /** Unique for ever, and fit for an object's name (RFC 1123): what is said of a task is never taken for another. */
  readonly name: string;
  readonly target: string;
  /** The identity's `id`; empty where an entitlement is to be made or changed. */
  readonly identity: string;
  /** What the store calls the account (or the entitlement), or is to call it. */
  readonly account: string;
  /** Who is to do it. */
  readonly owner: string;
  /** What is still to be done, as it was last planned. */
  readonly items: readonly Intent[];
  /** What the store has shown done of it, as it was asked for; absent: nothing yet. */
  readonly done?: readonly Intent[];
  /** What was handed over, as `effectsOf` has it: whatever brings about nothing else need not be handed over again. */
  readonly effects: readonly string[];
  /** What `unique()` chose for an account that is to be created. */
  readonly decided?: Attributes;
  readonly opened: number;
  readonly due: number;
  /** When its owner was last told of it, after it was opened. */
  readonly reminded?: number;
  readonly phase: TaskPhase;
  /** Why it is in this phase, where there is more to say. */
  readonly message?: string;
  /** Who completed or rejected it, when, and why. */
  readonly answered?: { readonly by: string; readonly at: number; readonly reason?: string };
  /** The answer that was taken last: it is taken once. */
  readonly answer?: string;
  /** The store's marker when it was first read after the task was completed. */
  readonly marker?: string;
  /** Absent: it is live, in one of the first three phases or rejected and still planned. */
  readonly closed?: number;
}

/** What a target asks of those who change its store. Times in ms. */
export interface TaskTerms {
  readonly owner: string;
  /** From a task's opening to when it is to be done. */
  readonly due: number;
  /** From one reminder to the next. */
  readonly remind: number;
}

/** What happened to a task, for people. */
export interface TaskEvent {
  readonly kind: "Opened" | "Changed" | "Reopened" | "Reminded" | "Overdue" | "Done" | "Withdrawn";
  readonly task: Task;
  /** A clause: `opened for records@example.org, due 2026-03-31T12:00:00.000Z`. */
  readonly message: string;
}

/** What a task is of: all that is to be done to one account, or to one entitlement, is one task. */
export function subjectOfTask({ identity, account }: Pick<Task, "identity" | "account">): string {
  return identity === "" ? `+${account}` : identity;
}

/** The same of a change. */
export function subjectOfItem({ identity, name }: Pick<PlanItem, "identity" | "name">): string {
  return subjectOfTask({ identity, account: name });
}

/** RFC 3339. */
export function timeText(at: number): string {
  return new Date(at).toISOString();
}

export function isLive({ closed }: Task): boolean {
  return closed === undefined;
}

/** At most 63 characters, the length of a DNS label. */
export function taskName(target: string, subject: string, opened: number, items: readonly string[]): string {
  const digest = sha256(JSON.stringify([target, subject, opened, [...items].sort()]));
  return `${target.slice(0, 50).replace(/[-.]+$/, "")}-${digest.slice(0, 12)}`;
}
