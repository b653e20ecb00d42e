import type { Finding } from "../core/plan/case.ts";
import { driftOf, isExcluded, orphansOf, type RunReport, verdictOf } from "./run-report.ts";

/** What the state keeps of a target's last run, for `status`. Counts are texts there. */
export function notesOf(report: RunReport, at: number): Readonly<Record<string, string | undefined>> {
  if (report.error) return { error: report.error.message };
  const { failed, changes } = verdictOf([report]);
  return {
    error: undefined,
    ...(failed || changes ? {} : { lastSuccess: String(at) }),
    ...countNotes(report),
  };
}

export interface TargetCounts {
  /** What differs from the manifests and was not put right. */
  readonly drift: number;
  /** What waits for a person or a time, and what is unknown. */
  readonly held: number;
  readonly conflicts: number;
  readonly orphans: number;
}

export function targetCounts(report: RunReport): TargetCounts {
  const { guarded, findings, applied } = report;
  const found = (kind: Finding["kind"]) => findings.filter((finding) => finding.kind === kind).length;
  return {
    drift: driftOf(report).length,
    held:
      guarded.withheld.filter(({ kind }) => !isExcluded(kind)).length +
      (applied?.handed?.length ?? 0) +
      found("Held"),
    conflicts: found("Conflict"),
    orphans: orphansOf(report).size,
  };
}

/** A run that did not scan knows of no orphans: use it after passes alone. */
export function countNotes(report: RunReport): Readonly<Record<keyof TargetCounts, string>> {
  const { drift, held, conflicts, orphans } = targetCounts(report);
  return { drift: `${drift}`, held: `${held}`, conflicts: `${conflicts}`, orphans: `${orphans}` };
}

/** The counts that notes hold; undefined where no run has left any. */
export function countsIn(notes: ReadonlyMap<string, string>): TargetCounts | undefined {
  const count = (name: keyof TargetCounts) => Number(notes.get(name));
  return notes.has("drift")
    ? { drift: count("drift"), held: count("held"), conflicts: count("conflicts"), orphans: count("orphans") }
    : undefined;
}
