import type { Operation, ReasonChain, StateOperation } from "./change.ts";

/** What became of one change: a line of the journal. */
export interface JournalEntry {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The manifest revision that led to it. */
  readonly revision: string;
  readonly target: string;
  readonly identity: string;
  readonly anchor: string;
  readonly name: string;
  readonly operation: Operation | StateOperation;
  readonly result: "Done" | "Failed" | "InDoubt";
  readonly error?: string;
  readonly entitlement?: string;
  readonly item: string;
  readonly reasons: readonly ReasonChain[];
  /** From the account before to the account after, RFC 6902; sensitive values masked. */
  readonly patch: readonly unknown[];
  /** The values before, of what was changed; sensitive values masked. */
  readonly before: Readonly<Record<string, unknown>>;
  /** Who approved it, where it had been held. */
  readonly approvedBy?: string;
  /** The task by which people were asked for it. */
  readonly task?: string;
  /** Who said of that task that it is done. */
  readonly doneBy?: string;
}

/** A journal line before its outcome is known: what was about to be done, so that it can be looked up after a crash. */
export type Intent = Omit<JournalEntry, "seq" | "result" | "error">;
