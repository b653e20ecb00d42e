import type { Problem } from "../core/kinds/resource.ts";
import type { PlanItem } from "../core/model/change.ts";
import type { Finding } from "../core/plan/case.ts";
import { planHash } from "../core/plan/item.ts";
import type { WithheldKind } from "../core/plan/withheld.ts";
import type { Task, TaskEvent } from "../core/tasks/task.ts";
import { type ChangeLine, type Counts, changeLine, countsOf } from "./change-line.ts";
import { changeOf, type JournalLine } from "./journal.ts";
import type { NotRun } from "./not-run.ts";
import { isExcluded, type OpenHold, orphansOf, type RunReport } from "./run-report.ts";

/** What was planned, as data: the format of `plan -o json` (docs/plan-json.md). Every other rendering is made from it. */
export interface PlanDocument extends Head {
  readonly format: "rollcall.dev/plan/v1";
  /** Over all targets: what `apply --plan` is given. */
  readonly hash: string;
  readonly targets: readonly PlannedTarget[];
}

/** What was applied, as data: the format of `apply -o json`. */
export interface ApplyDocument extends Head {
  readonly format: "rollcall.dev/apply/v1";
  /** It was stopped from outside before its end. */
  readonly interrupted: boolean;
  /** Changes of the plan that was named and that no longer stand as it showed them. */
  readonly gone: number;
  readonly targets: readonly AppliedTarget[];
}

export interface Head {
  /** RFC 3339. */
  readonly at: string;
  /** The manifest revision. */
  readonly revision: string;
  readonly state: { readonly place: string; readonly isFirstRun: boolean };
  readonly problems: readonly Problem[];
  readonly notRun: readonly NotRun[];
}

interface TargetHead {
  readonly target: string;
  readonly store: string;
  /** Why it could not be read or written. */
  readonly error?: { readonly kind: string; readonly message: string };
  /** Who makes the changes, where people change the store. */
  readonly byHand?: string;
  /** What people have done, as the store shows it now. */
  readonly doneByHand: readonly ByHandLine[];
  /** Accounts linked when the run ended; absent where the target could not be opened. */
  readonly linked?: number;
  readonly held: readonly HeldLine[];
  readonly holds: readonly HoldLine[];
  readonly findings: readonly Finding[];
  readonly orphans: { readonly count: number; readonly first: readonly string[] };
}

export interface PlannedTarget extends TargetHead {
  /** How many of the changes people would be asked for, where people change the store: the others are remembered, and nothing else. */
  readonly asks?: number;
  readonly hash: string;
  readonly counts: Counts;
  readonly touched: Touched;
  readonly changes: readonly ChangeLine[];
}

export interface AppliedTarget extends TargetHead {
  /** Of what is done. */
  readonly counts: Counts;
  readonly done: readonly ChangeLine[];
  readonly failed: readonly (ChangeLine & {
    readonly error: { readonly kind: string; readonly message: string };
  })[];
  readonly left: readonly ChangeLine[];
  /** What people were asked to do. */
  readonly handed: readonly ChangeLine[];
  /** What happened to tasks. */
  readonly tasks: readonly TaskNote[];
}

/** What happened to one task. */
export interface TaskNote extends Pick<Task, "name" | "identity" | "account"> {
  readonly event: TaskEvent["kind"];
  readonly message: string;
}

/** A change that people were asked for, and that the store shows. */
export interface ByHandLine extends ChangeLine {
  readonly task: string;
  /** Who said that it is done. */
  readonly doneBy?: string;
}

/** How much of the store the changes touch. */
export interface Touched {
  readonly accounts: number;
  /** Those of them that are there already, in percent of the linked accounts; absent where none is linked yet. */
  readonly percent?: number;
}

/** A change that is not applied now, and why. */
export interface HeldLine extends ChangeLine {
  readonly held: {
    readonly kind: WithheldKind;
    readonly reason: string;
    /** The target's own manifest leaves it out: nothing waits for anybody. */
    readonly excluded: boolean;
  };
}

/** What an approval can be given for. */
export interface HoldLine {
  readonly hash: string;
  readonly budget: string;
  readonly reason: string;
  readonly items: number;
  readonly expires: string;
  readonly approved?: { readonly by: string; readonly at: string };
}

/** Names of orphans that are told; their number always is. */
const firstOrphans = 10;

export function planDocument(head: Head, reports: readonly RunReport[]): PlanDocument {
  return {
    format: "rollcall.dev/plan/v1",
    hash: planHash(reports.flatMap(({ guarded }) => guarded.items)),
    ...head,
    targets: reports.map((report) => ({
      ...targetHead(report),
      ...(report.tasks?.owner === undefined ? {} : { asks: report.tasks.asks ?? 0 }),
      hash: report.hash,
      counts: countsOf(report.guarded.items),
      touched: touchedBy(report.guarded.items, report.linked ?? 0),
      changes: report.guarded.items.map(changeLine),
    })),
  };
}

export function applyDocument(
  head: Head,
  reports: readonly RunReport[],
  outcome: Pick<ApplyDocument, "interrupted" | "gone">,
): ApplyDocument {
  return {
    format: "rollcall.dev/apply/v1",
    ...head,
    ...outcome,
    targets: reports.map((report) => {
      const { done = [], failed = [], left = [], handed = [] } = report.applied ?? {};
      return {
        ...targetHead(report),
        counts: countsOf(done),
        done: done.map(changeLine),
        failed: failed.map(({ item, error, kind }) => ({
          ...changeLine(item),
          error: { kind, message: error },
        })),
        left: left.map(changeLine),
        handed: handed.map(changeLine),
        tasks: (report.tasks?.events ?? []).map(({ kind, task: { name, identity, account }, message }) => ({
          ...{ event: kind, name, identity, account, message },
        })),
      };
    }),
  };
}

function targetHead(report: RunReport): TargetHead {
  const { target, store, error, linked, guarded, holds, findings, tasks } = report;
  const orphans = orphansOf(report);
  return {
    target,
    store,
    ...(error && { error: { kind: error.kind, message: error.message } }),
    ...(tasks?.owner === undefined ? {} : { byHand: tasks.owner }),
    doneByHand: (tasks?.byHand ?? []).map(byHandLine),
    ...(linked === undefined ? {} : { linked }),
    held: guarded.withheld.map(({ item, kind, reason }) => ({
      ...changeLine(item),
      held: { kind, reason, excluded: isExcluded(kind) },
    })),
    holds: holds.map(holdLine),
    findings,
    orphans: { count: orphans.size, first: orphans.values().take(firstOrphans).toArray() },
  };
}

function byHandLine(line: JournalLine): ByHandLine {
  const { task = "", doneBy } = line;
  return { ...changeOf(line), task, ...(doneBy !== undefined && { doneBy }) };
}

export function holdLine({ hash, budget, reason, items, expires, approved }: OpenHold): HoldLine {
  return {
    ...{ hash, budget, reason, items: items.length, expires: new Date(expires).toISOString() },
    ...(approved && { approved: { by: approved.by, at: new Date(approved.at).toISOString() } }),
  };
}

/** Links that are made or forgotten touch nothing. */
function touchedBy(items: readonly PlanItem[], linked: number): Touched {
  const accounts = new Set<string>();
  const made = new Set<string>();
  for (const item of items) {
    if (item.operation === "Adopt" || item.operation === "Forget") continue;
    if (item.kind !== "entitlement") accounts.add(item.identity);
    if (item.kind === "account" && item.operation === "Create") made.add(item.identity);
  }
  const existing = accounts.size - made.size;
  return {
    accounts: accounts.size,
    ...(linked > 0 ? { percent: Math.round((existing / linked) * 1000) / 10 } : {}),
  };
}
