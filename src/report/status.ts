import { type LoginTrouble, loginTroubles } from "../core/model/account.ts";
import type { Task, TaskPhase } from "../core/tasks/task.ts";
import type { HoldLine } from "./document.ts";
import type { TargetCounts } from "./notes.ts";
import { table } from "./table.ts";
import { isOverdue } from "./task.ts";
import { plain, plural } from "./words.ts";

/** How targets stand, as data: the format of `status -o json`. */
export interface StatusDocument {
  readonly format: "rollcall.dev/status/v1";
  readonly at: string;
  readonly revision: string;
  readonly state: { readonly place: string; readonly isFirstRun: boolean };
  /** What is wrong with the manifests: errors and warnings. */
  readonly problems: { readonly errors: number; readonly warnings: number };
  readonly targets: readonly TargetStatus[];
  /** Absent where there are none, or only some targets were asked for. */
  readonly exports?: readonly ExportLine[];
}

export interface ExportLine {
  readonly export: string;
  readonly file: string;
  /** Absent where nothing but a person has it written. */
  readonly every?: string;
  /** Of the file that a controller last wrote. */
  readonly rows?: number;
  readonly sha256?: string;
  /** When a controller last wrote it (RFC 3339). */
  readonly lastSuccess?: string;
  /** Why it could not since. */
  readonly error?: string;
}

export interface TargetStatus {
  readonly target: string;
  readonly store: string;
  readonly mode: string;
  /** Why it is not run. */
  readonly notRun?: string;
  readonly linked: number;
  readonly disabled: number;
  /** Linked accounts that the store protects, as it said when each was last read: nothing of them is changed. */
  readonly protected: number;
  /** Linked accounts that cannot log in as they are, by why, as of when each was last read. One may count for several. */
  readonly trouble: Readonly<Partial<Record<LoginTrouble, number>>>;
  /** When a run last came through with nothing failed (RFC 3339). */
  readonly lastSuccess?: string;
  /** As the last run, or just now, found them; absent before the first. */
  readonly counts?: TargetCounts;
  readonly error?: string;
  /** Batches that were begun and not ended: the next apply looks up first what came of them. */
  readonly unfinished: number;
  readonly holds: readonly HoldLine[];
  /** Tasks for people, by phase, and those that are overdue; absent where there are none. */
  readonly tasks?: TaskCounts;
}

export type TaskCounts = Readonly<Partial<Record<TaskPhase | "Overdue", number>>>;

/** How many live tasks are in each phase; those that there are none of are left out. `now` in ms. */
export function taskCounts(tasks: readonly Task[], now: number): TaskCounts {
  const overdue = tasks.filter((task) => isOverdue(task, now)).length;
  return {
    ...Object.fromEntries(
      [...Map.groupBy(tasks, ({ phase }) => phase)].map(([phase, all]) => [phase, all.length]),
    ),
    ...(overdue > 0 ? { Overdue: overdue } : {}),
  };
}

/** How many accounts are in each trouble; those that there are none of are left out. */
export function troubleCounts(troubles: readonly LoginTrouble[]): TargetStatus["trouble"] {
  return Object.fromEntries(
    loginTroubles.flatMap((trouble) => {
      const count = troubles.filter((each) => each === trouble).length;
      return count > 0 ? [[trouble, count]] : [];
    }),
  );
}

/** Status for people: a table, and below it what somebody should see to. */
export function statusText(status: StatusDocument): string {
  const { errors, warnings } = status.problems;
  const rows = status.targets.map((target) => [
    plain(target.target),
    plain(target.store),
    target.notRun ? "not run" : target.mode,
    `${target.linked}`,
    `${target.disabled}`,
    ...(["drift", "held", "conflicts", "orphans"] as const).map((name) =>
      String(target.counts?.[name] ?? "?"),
    ),
    target.lastSuccess ?? "never",
  ]);
  const head = [
    "TARGET",
    "STORE",
    "MODE",
    "LINKED",
    "DISABLED",
    "DRIFT",
    "HELD",
    "CONFLICTS",
    "ORPHANS",
    "LAST SUCCESS",
  ];
  const remarks = [
    ...status.targets.flatMap(remarksOf),
    ...(status.exports ?? []).flatMap((each) =>
      each.error === undefined ? [] : [`Export/${each.export}: ${plain(each.error)}`],
    ),
    ...(errors + warnings > 0
      ? [
          `manifests: ${plural(errors, "error")}, ${plural(warnings, "warning")}: rollcall validate shows them`,
        ]
      : []),
  ];
  const exports = status.exports ? ["", ...exportTable(status.exports)] : [];
  return `${[...table([head, ...rows]), ...exports, ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n")}\n`;
}

function exportTable(exports: readonly ExportLine[]): string[] {
  return table([
    ["EXPORT", "FILE", "EVERY", "ROWS", "LAST SUCCESS"],
    ...exports.map((each) => [
      plain(each.export),
      plain(each.file),
      each.every ?? "by hand",
      // What is written by hand is not remembered: the file itself is to be looked at.
      String(each.rows ?? (each.every ? "?" : "-")),
      each.lastSuccess ?? (each.every ? "never" : "-"),
    ]),
  ]);
}

/** `tasks for people: 2 Open, 1 Overdue` */
function tasksText(counts: TaskCounts): string {
  return `tasks for people: ${Object.entries(counts)
    .map(([phase, count]) => `${count} ${phase}`)
    .join(", ")}`;
}

function remarksOf(status: TargetStatus): string[] {
  const { target, notRun, error, unfinished, holds } = status;
  const trouble = Object.entries(status.trouble).map(([why, count]) => `${count} ${why}`);
  return [
    ...(notRun ? [`${target}: not run, since ${plain(notRun)}`] : []),
    ...(error ? [`${target}: ${plain(error)}`] : []),
    ...(unfinished > 0
      ? [
          `${target}: ${plural(unfinished, "batch")} begun and not ended: apply looks up first what came of it`,
        ]
      : []),
    ...(status.protected > 0
      ? [`${target}: ${plural(status.protected, "account")} protected by the store, and left alone`]
      : []),
    ...(trouble.length > 0
      ? [`${target}: cannot log in as they are, when last read: ${trouble.join(", ")}`]
      : []),
    ...(status.tasks ? [`${target}: ${tasksText(status.tasks)}: rollcall task list`] : []),
    ...holds.map(({ hash, reason, items, approved }) =>
      approved
        ? `${target}: ${plural(items, "change")} approved by ${plain(approved.by)}: the next apply makes those that still stand`
        : `${target}: ${plural(items, "change")} held, ${plain(reason)}: rollcall approve ${hash}`,
    ),
  ];
}
