import type { PlanItem } from "../core/model/change.ts";
import type { Finding } from "../core/plan/case.ts";
import type { BudgetClass, Guarded } from "../core/plan/guard.ts";
import type { WithheldKind } from "../core/plan/withheld.ts";
import type { Task, TaskEvent } from "../core/tasks/task.ts";
import type { JournalLine } from "./journal.ts";

/** What one run of a target found and did, as reports need it: the engine's `TargetReport` is one. */
export interface RunReport {
  readonly target: string;
  readonly store: string;
  readonly hash: string;
  readonly guarded: Guarded;
  readonly findings: readonly Finding[];
  readonly holds: readonly OpenHold[];
  /** Undefined where nothing was to be applied: a plan. */
  readonly applied: AppliedItems | undefined;
  /** Of a target that people change: who does, the tasks that are live, and what has happened to tasks. */
  readonly tasks?: {
    readonly owner?: string;
    readonly live: readonly Task[];
    readonly events: readonly TaskEvent[];
    /** What people have done, as the store shows it now. */
    readonly byHand?: readonly JournalLine[];
    /** Changes of a plan that people would be asked for. */
    readonly asks?: number;
  };
  /** Undefined where the target could not be opened. */
  readonly linked: number | undefined;
  /** Accounts in the store that no identity explains, by anchor: their names. */
  readonly orphans: ReadonlyMap<string, string>;
  readonly error: { readonly kind: string; readonly message: string } | undefined;
}

export interface AppliedItems {
  readonly done: readonly PlanItem[];
  readonly failed: readonly { readonly item: PlanItem; readonly error: string; readonly kind: string }[];
  readonly left: readonly PlanItem[];
  /** Given to people to do. */
  readonly handed?: readonly PlanItem[];
}

/** What a budget withholds, and whether somebody has approved it. */
export interface OpenHold {
  readonly hash: string;
  readonly budget: BudgetClass;
  readonly reason: string;
  readonly items: readonly {
    readonly hash: string;
    readonly operation: string;
    readonly name: string;
    readonly entitlementName?: string;
  }[];
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly approved?: { readonly by: string; readonly at: number };
}

/** What the target's own manifest leaves out: reported, and nobody needs to do anything about it. */
const excluding: ReadonlySet<WithheldKind> = new Set<WithheldKind>(["Observe", "NotAllowed"]);

export function isExcluded(kind: WithheldKind): boolean {
  return excluding.has(kind);
}

/** What runs amount to: what exit codes and conditions are made of. */
export interface Verdict {
  /** A target could not be read or written, or a change failed. */
  readonly failed: boolean;
  /** Something waits for a person: a hold, a conflict, something unknown. */
  readonly held: boolean;
  /** Something would change, or was not tried. */
  readonly changes: boolean;
}

export function verdictOf(reports: readonly RunReport[]): Verdict {
  return {
    failed: reports.some(({ error, applied }) => error !== undefined || (applied?.failed.length ?? 0) > 0),
    held: reports.some(
      ({ guarded, findings, applied }) =>
        (applied?.handed?.length ?? 0) > 0 ||
        guarded.withheld.some(({ kind }) => !isExcluded(kind)) ||
        findings.some(({ kind }) => kind === "Held" || kind === "Conflict"),
    ),
    changes: reports.some(({ guarded, applied }) => (applied ? applied.left : guarded.items).length > 0),
  };
}

/** What was found to differ and nobody will put right: the manifests say only to report it. */
const reported: ReadonlySet<Finding["kind"]> = new Set<Finding["kind"]>(["Drift", "Outside"]);

export function isReported({ kind }: Finding): boolean {
  return reported.has(kind);
}

/** All that differs from the manifests and was not put right: by the operation each would take, or `Report`. */
export function driftOf({
  guarded,
  findings,
  applied,
}: Pick<RunReport, "guarded" | "findings" | "applied">): readonly string[] {
  const undone = applied
    ? [...applied.left, ...(applied.handed ?? []), ...applied.failed.map(({ item }) => item)]
    : guarded.items;
  return [
    ...[...undone, ...guarded.withheld.map(({ item }) => item)].map(({ operation }) => operation),
    ...findings.filter(isReported).map(() => "Report"),
  ];
}

/** Whether something differs that nobody is about to put right: what people are asked for has its own time. */
export function driftStands(report: Pick<RunReport, "guarded" | "findings" | "applied">): boolean {
  const { guarded, applied } = report;
  const waiting =
    guarded.withheld.filter(({ kind }) => kind === "Task").length + (applied?.handed?.length ?? 0);
  return driftOf(report).length > waiting;
}

/** Accounts that no identity explains, by anchor: those that an adoption is planned for are explained. */
export function orphansOf({
  orphans,
  guarded,
}: Pick<RunReport, "orphans" | "guarded">): ReadonlyMap<string, string> {
  const adopted = new Set(
    [...guarded.items, ...guarded.withheld.map(({ item }) => item)].flatMap((item) =>
      item.kind === "account" && item.operation === "Adopt" ? [item.anchor] : [],
    ),
  );
  return adopted.size === 0 ? orphans : new Map(orphans.entries().filter(([anchor]) => !adopted.has(anchor)));
}
