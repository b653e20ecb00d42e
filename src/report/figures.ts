import type { MetricName, Sample } from "./metrics.ts";
import { driftOf, orphansOf, type RunReport } from "./run-report.ts";
import { isOverdue } from "./task.ts";

/** What a run of one target found and did, as far as metrics tell it. */
export interface TargetFigures
  extends Pick<RunReport, "target" | "store" | "guarded" | "findings" | "applied" | "tasks" | "orphans"> {
  readonly error: { readonly kind: string } | undefined;
  /** Linked accounts by state. */
  readonly accounts: Readonly<Record<string, number>>;
  /** What keeps linked accounts from logging in. */
  readonly troubles: readonly string[];
  readonly quarantined: boolean;
  /** Since when something has differed without a break. Milliseconds since the epoch. */
  readonly driftSince: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What every function here leaves out of its labels: whoever shows the samples adds the realm. */
type Labels = Sample["labels"];

/** What the gauges of a target show after this run. After an error nothing is known, and what was known before stays. */
export function gaugesOf(figures: TargetFigures): readonly Sample[] | undefined {
  const { target, guarded, findings, accounts, troubles, quarantined, driftSince, error } = figures;
  if (error) return undefined;
  const reasons = [...guarded.withheld.map(({ kind }) => kind), ...findings.map(({ kind }) => kind)];
  const gauge = (metric: MetricName, value: number, labels: Labels = {}): Sample => ({
    metric,
    labels: { target, ...labels },
    value,
  });
  const counted = (metric: MetricName, label: string, values: readonly string[]) =>
    [...Map.groupBy(values, (value) => value)].map(([value, all]) =>
      gauge(metric, all.length, { [label]: value }),
    );
  return [
    ...counted("rollcall_drift_objects", "action", driftOf(figures)),
    ...(driftSince === undefined ? [] : [gauge("rollcall_drift_since_timestamp_seconds", driftSince / 1000)]),
    ...counted("rollcall_held", "reason", reasons),
    ...Object.entries(accounts).map(([state, value]) => gauge("rollcall_accounts", value, { state })),
    ...counted("rollcall_login_trouble", "trouble", troubles),
    ...taskGauges(figures),
    gauge("rollcall_orphans", orphansOf(figures).size),
    gauge("rollcall_quarantined", Number(quarantined)),
  ];
}

function taskGauges({ target, tasks, at }: TargetFigures): readonly Sample[] {
  if (!tasks || (tasks.owner === undefined && tasks.live.length === 0)) return [];
  const { live } = tasks;
  const overdue = live.filter((task) => isOverdue(task, at)).length;
  return [
    ...[...Map.groupBy(live, ({ phase }) => phase)].map(
      ([phase, all]): Sample => ({ metric: "rollcall_tasks", labels: { target, phase }, value: all.length }),
    ),
    { metric: "rollcall_tasks_overdue", labels: { target }, value: overdue },
  ];
}

/** When the run came through with nothing failed. */
export function successOf({ target, applied, error, at }: TargetFigures): Sample | undefined {
  if (error || (applied && applied.failed.length + applied.left.length > 0)) return undefined;
  return { metric: "rollcall_last_success_timestamp_seconds", labels: { target }, value: at / 1000 };
}

/** Errors that say that the store does not answer us: of what else they tell nothing. */
const noAnswer: ReadonlySet<string> = new Set(["Unavailable", "Unauthenticated", "Retryable", "RateLimited"]);
/** Errors that pass by themselves. */
const passing: ReadonlySet<string> = new Set(["Unavailable", "Retryable", "RateLimited", "Moved", "InDoubt"]);

/** Whether the store answered: a target that does not fit its store says nothing of that. */
export function storeUp({ store, error }: TargetFigures): Sample {
  const down = error !== undefined && noAnswer.has(error.kind);
  return { metric: "rollcall_store_up", labels: { store }, value: Number(!down) };
}

/** Whether the target waits for a person, since what it ran into does not pass by itself. */
export function stalledBy({ target, error }: TargetFigures): readonly Sample[] {
  if (!error || passing.has(error.kind)) return [];
  return [{ metric: "rollcall_target_stalled", labels: { target, reason: error.kind }, value: 1 }];
}

/** What was made or tried, by Rollcall and by people. */
function changesOf({ applied, tasks }: TargetFigures): readonly Labels[] {
  // Where people are asked, links are all that is Rollcall's own: what else it writes there is people's word.
  const by = (action: string) =>
    tasks?.owner === undefined || action === "Adopt" || action === "Forget" ? "Rollcall" : "People";
  const change = (action: string, result: string) => ({ action, result, by: by(action) });
  return [
    ...(applied?.done ?? []).map(({ operation }) => change(operation, "Done")),
    ...(applied?.failed ?? []).map(({ item, kind }) =>
      change(item.operation, kind === "InDoubt" ? "InDoubt" : "Failed"),
    ),
    ...(tasks?.byHand ?? []).map(({ operation }) => change(operation, "Done")),
  ];
}

/** What this run adds to the counters. */
export function countsOf(figures: TargetFigures): readonly Sample[] {
  const { target } = figures;
  const groups = Map.groupBy(changesOf(figures), (change) => Object.values(change).join(" "));
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
