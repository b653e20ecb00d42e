import type { PlanItem } from "../core/model/change.ts";
import type { Finding } from "../core/plan/case.ts";
import type { Guarded } from "../core/plan/guard.ts";
import type { MetricName, Sample } from "./metrics.ts";

/** What a run of one target found and did, as far as metrics tell it. */
export interface TargetFigures {
  readonly target: string;
  readonly store: string;
  readonly guarded: Guarded;
  readonly findings: readonly Finding[];
  readonly applied:
    | {
        readonly done: readonly PlanItem[];
        readonly failed: readonly { readonly item: PlanItem; readonly kind: string }[];
        readonly left: readonly PlanItem[];
      }
    | undefined;
  readonly orphans: { readonly size: number };
  readonly error: { readonly kind: string } | undefined;
  /** Linked accounts by state. */
  readonly accounts: Readonly<Record<string, number>>;
  readonly quarantined: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the gauges of a target show after this run. After an error nothing is known, and what was known before stays. */
export function gaugesOf(figures: TargetFigures): readonly Sample[] | undefined {
  const { target, guarded, findings, applied, orphans, accounts, quarantined, error } = figures;
  if (error) return undefined;
  const undone = [
    ...(applied ? [...applied.left, ...applied.failed.map(({ item }) => item)] : guarded.items),
    ...guarded.withheld.map(({ item }) => item),
  ];
  const reasons = [...guarded.withheld.map(({ kind }) => kind), ...findings.map(({ kind }) => kind)];
  const counted = (metric: MetricName, label: string, values: readonly string[]) =>
    [...Map.groupBy(values, (value) => value)].map(
      ([value, all]): Sample => ({ metric, labels: { target, [label]: value }, value: all.length }),
    );
  return [
    ...counted(
      "rollcall_drift_objects",
      "action",
      undone.map(({ operation }) => operation),
    ),
    ...counted("rollcall_held", "reason", reasons),
    ...Object.entries(accounts).map(
      ([state, value]): Sample => ({ metric: "rollcall_accounts", labels: { target, state }, value }),
    ),
    { metric: "rollcall_orphans", labels: { target }, value: orphans.size },
    { metric: "rollcall_quarantined", labels: { target }, value: Number(quarantined) },
  ];
}

/** When the run came through with nothing failed. */
export function successOf({ target, applied, error, at }: TargetFigures): Sample | undefined {
  if (error || (applied && applied.failed.length + applied.left.length > 0)) return undefined;
  return { metric: "rollcall_last_success_timestamp_seconds", labels: { target }, value: at / 1000 };
}

/** Whether the store answered: a target that does not fit its store says nothing of that. */
export function storeUp({ store, error }: TargetFigures): Sample {
  const down = error && ["Unavailable", "Unauthenticated", "Retryable", "RateLimited"].includes(error.kind);
  return { metric: "rollcall_store_up", labels: { store }, value: down ? 0 : 1 };
}

/** What this run adds to the counters. */
export function countsOf(figures: TargetFigures): readonly Sample[] {
  const { target, applied } = figures;
  const changes = [
    ...(applied?.done ?? []).map((item) => ({ action: item.operation, result: "Done" })),
    ...(applied?.failed ?? []).map(({ item, kind }) => ({
      action: item.operation,
      result: kind === "InDoubt" ? "InDoubt" : "Failed",
    })),
  ];
  const groups = Map.groupBy(changes, ({ action, result }) => `${action} ${result}`);
  const failed = successOf(figures) === undefined;
  const controller = { controller: "target" };
  return [
    ...[...groups.values()].map(
      (all): Sample => ({
        metric: "rollcall_changes_total",
        labels: { target, ...all[0] },
        value: all.length,
      }),
    ),
    {
      metric: "controller_runtime_reconcile_total",
      labels: { ...controller, result: failed ? "error" : "success" },
      value: 1,
    },
    ...(failed
      ? [{ metric: "controller_runtime_reconcile_errors_total" as const, labels: controller, value: 1 }]
      : []),
  ];
}
