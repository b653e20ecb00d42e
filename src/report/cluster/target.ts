import {
  type HoldStatus,
  longestLine,
  shownChanges,
  type TargetObjectStatus,
} from "../../core/kinds/status.ts";
import { targetCounts } from "../notes.ts";
import { driftOf, type OpenHold, type RunReport, verdictOf } from "../run-report.ts";
import { plural } from "../words.ts";
import { conditionIn, cut, type Observed, statusOf, type Told, timeOf } from "./conditions.ts";
import type { Reason } from "./reasons.ts";

export interface TargetInput extends Observed<TargetObjectStatus> {
  readonly name: string;
  readonly mode: string;
  /** What is wrong with the object itself, or why the target is not run. */
  readonly fault: Told | undefined;
  /** The last run; undefined before the first. */
  readonly report: RunReport | undefined;
  readonly accounts: { readonly linked: number; readonly disabled: number };
  /** How often one change was tried in vain; undefined where the target is not in quarantine. */
  readonly quarantine: number | undefined;
  /** What `rollcall.dev/requestedAt` said when the pass it asked for began. */
  readonly handled: string | undefined;
}

/** The status of a Target. Where a run failed, what was known before it stays. */
export function targetStatus(input: TargetInput): TargetObjectStatus {
  const { report, previous, accounts, now, handled } = input;
  const told = input.fault ?? toldOf(input);
  const run = report?.error ? undefined : report;
  const counts = run ? { ...accounts, ...targetCounts(run) } : previous?.counts;
  const holds = run ? run.holds.map(holdStatus) : (previous?.holds ?? []);
  const lastSuccess = run && isSuccess(run) ? timeOf(now) : previous?.lastSuccess;
  const answered = handled ?? previous?.lastHandledRequestedAt;
  return {
    ...statusOf(told, input, drifted(run, previous)),
    ...(counts && { counts }),
    ...(holds.length > 0 ? { holds } : {}),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(answered === undefined ? {} : { lastHandledRequestedAt: cut(answered, 1024) }),
  };
}

function toldOf({ name, mode, report, accounts, quarantine }: TargetInput): Told {
  if (!report) return { reason: "Progressing", message: `Target/${name} has not been looked at yet` };
  const { error, holds, applied } = report;
  if (error) return { reason: reasonOf(error.kind), message: error.message };
  if (quarantine !== undefined)
    return {
      reason: "Quarantined",
      message: `most changes failed: one is tried at a time, ${quarantine} in vain so far; the causes are in the journal (rollcall journal --target ${name})`,
    };
  const waiting = holds.filter(({ approved }) => !approved);
  if (waiting.length > 0) return { reason: "HoldWaiting", message: waiting.map(holdText).join("; ") };
  const failed = applied?.failed ?? [];
  const undone = failed.length + (applied?.left.length ?? 0);
  if (undone > 0) {
    const first =
      failed[0] && `; the first: ${failed[0].item.operation} ${failed[0].item.name}: ${failed[0].error}`;
    return {
      reason: "ChangesFailed",
      message: `${plural(undone, "change")} failed or were not tried${first ?? ""}`,
    };
  }
  const linked = plural(accounts.linked, "account");
  const { drift, held, conflicts } = targetCounts(report);
  if (held + conflicts > 0)
    return { reason: "SomeHeld", message: `${linked}; ${held} held, ${plural(conflicts, "conflict")}` };
  if (drift > 0)
    return {
      reason: "Observed",
      message: `${linked}; ${plural(drift, "difference")} reported and not changed (${mode === "Observe" ? "mode: Observe" : "allow, or Report"})`,
    };
  return { reason: "Converged", message: `${linked} as declared` };
}

/** See `StoreErrorKind`. */
export function reasonOf(kind: string): Reason {
  if (kind === "Unauthenticated") return "StoreUnauthenticated";
  if (kind === "Conflict") return "StoreForeign";
  return ["Invalid", "Denied", "NotFound"].includes(kind) ? "DoesNotFit" : "StoreUnavailable";
}

function drifted(run: RunReport | undefined, previous: TargetObjectStatus | undefined) {
  if (!run) {
    const before = conditionIn(previous, "Drifted");
    return before ? [before] : [];
  }
  const operations = driftOf(run);
  const counts = [...Map.groupBy(operations, (operation) => operation)].map(
    ([operation, all]) => `${all.length} ${operation}`,
  );
  return [
    operations.length === 0
      ? { type: "Drifted", status: "False" as const, reason: "InSync", message: "nothing differs" }
      : {
          type: "Drifted",
          status: "True" as const,
          reason: "Differs",
          message: `${plural(operations.length, "difference")} not put right: ${counts.join(", ")}`,
        },
  ];
}

function isSuccess(run: RunReport): boolean {
  const { failed, changes } = verdictOf([run]);
  return !failed && !changes;
}

function holdText({ hash, reason, items }: OpenHold): string {
  return `${plural(items.length, "change")} held: ${reason}; kubectl rollcall approve ${hash.slice(0, 12)} lets exactly these pass`;
}

function holdStatus({ hash, budget, reason, items, expires, approved }: OpenHold): HoldStatus {
  return {
    hash,
    budget,
    reason: cut(reason, longestLine),
    items: items.length,
    changes: items
      .slice(0, shownChanges)
      .map(({ operation, name }) => cut(`${operation} ${name}`, longestLine)),
    expires: timeOf(expires),
    ...(approved && { approvedBy: cut(approved.by, 1024) }),
  };
}
