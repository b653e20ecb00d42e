import type { HoldLine } from "./document.ts";
import type { TargetCounts } from "./notes.ts";
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
}

export interface TargetStatus {
  readonly target: string;
  readonly store: string;
  readonly mode: string;
  /** Why it is not run. */
  readonly notRun?: string;
  readonly linked: number;
  readonly disabled: number;
  /** When a run last came through with nothing failed (RFC 3339). */
  readonly lastSuccess?: string;
  /** As the last run, or just now, found them; absent before the first. */
  readonly counts?: TargetCounts;
  readonly error?: string;
  /** Batches that were begun and not ended: the next apply looks up first what came of them. */
  readonly unfinished: number;
  readonly holds: readonly HoldLine[];
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
    ...(errors + warnings > 0
      ? [
          `manifests: ${plural(errors, "error")}, ${plural(warnings, "warning")}: rollcall validate shows them`,
        ]
      : []),
  ];
  return `${[...table([head, ...rows]), ...(remarks.length > 0 ? ["", ...remarks] : [])].join("\n")}\n`;
}

function remarksOf({ target, notRun, error, unfinished, holds }: TargetStatus): string[] {
  return [
    ...(notRun ? [`${target}: not run, since ${plain(notRun)}`] : []),
    ...(error ? [`${target}: ${plain(error)}`] : []),
    ...(unfinished > 0
      ? [
          `${target}: ${plural(unfinished, "batch")} begun and not ended: apply looks up first what came of it`,
        ]
      : []),
    ...holds.map(({ hash, reason, items, approved }) =>
      approved
        ? `${target}: ${plural(items, "change")} approved by ${plain(approved.by)}: the next apply makes them`
        : `${target}: ${plural(items, "change")} held, ${plain(reason)}: rollcall approve ${hash}`,
    ),
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
