import { type HoldStatus, longestLine, shownChanges } from "../../core/kinds/status.ts";
import { countsOf } from "../change-line.ts";
import { type TargetCounts, targetCounts } from "../notes.ts";
import { driftOf, type OpenHold, type RunReport, verdictOf } from "../run-report.ts";
import { countsText } from "../words.ts";
import { cut, timeOf } from "./conditions.ts";

/** What statuses and Events tell of one run: the run itself, with all that it planned, is not kept. */
export interface RunFacts {
  readonly error: { readonly kind: string; readonly message: string } | undefined;
  readonly counts: TargetCounts;
  /** How often each operation would have to be done, or a difference is only reported. */
  readonly drift: ReadonlyMap<string, number>;
  readonly holds: readonly HoldStatus[];
  /** `5 creates, 1 grant`; undefined where nothing was changed. */
  readonly done: string | undefined;
  /** The same of what people were asked for. */
  readonly asked: string | undefined;
  /** Tasks that people have. */
  readonly tasks: number;
  /** Changes that failed or were not tried. */
  readonly undone: number;
  /** The first of them that failed: what, and why. */
  readonly firstFailure: string | undefined;
  /** Nothing failed, and nothing was left. */
  readonly succeeded: boolean;
  /** What the store lacks, or what is wrong with it. */
  readonly store: readonly string[];
}

export function runFacts(report: RunReport): RunFacts {
  const { error, holds, applied } = report;
  const { failed, changes } = verdictOf([report]);
  const first = applied?.failed[0];
  const { done = [], handed = [] } = applied ?? {};
  return {
    error: error && { kind: error.kind, message: error.message },
    counts: targetCounts(report),
    drift: tally(driftOf(report)),
    holds: holds.map(holdStatus),
    done: done.length === 0 ? undefined : countsText(countsOf(done)),
    asked: handed.length === 0 ? undefined : countsText(countsOf(handed)),
    tasks: report.tasks?.live.filter(({ phase }) => phase !== "Rejected").length ?? 0,
    undone: (applied?.failed.length ?? 0) + (applied?.left.length ?? 0),
    firstFailure: first && `${first.item.operation} ${first.item.name}: ${first.error}`,
    succeeded: !failed && !changes,
    store: report.findings.filter(({ kind }) => kind === "Store").map(({ message }) => message),
  };
}

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function holdStatus({ hash, budget, reason, items, expires, approved }: OpenHold): HoldStatus {
  return {
    hash,
    budget,
    reason: cut(reason, longestLine),
    items: items.length,
    changes: items
      .slice(0, shownChanges)
      .map(({ operation, entitlementName: of, name }) =>
        cut(of === undefined ? `${operation} ${name}` : `${operation} ${of}: ${name}`, longestLine),
      ),
    expires: timeOf(expires),
    ...(approved && { approvedBy: cut(approved.by || "somebody", 1024) }),
  };
}
