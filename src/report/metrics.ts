/** A metric as it is registered, scraped and documented (docs/metrics.md is made from this). No label ever carries a person. */
export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/** Every metric by its name. Those of the loop and its queue have controller-runtime's names, so that its dashboards fit. */
export const metrics = {
  rollcall_drift_objects: {
    type: "gauge",
    help: "What differs from the manifests and was not put right by the last run, by the operation it would take.",
    labels: ["target", "action"],
  },
  rollcall_accounts: {
    type: "gauge",
    help: "Linked accounts, by state: Enabled or Disabled.",
    labels: ["target", "state"],
  },
  rollcall_changes_total: {
    type: "counter",
    help: "Changes made or tried, by operation and by result: Done, Failed or InDoubt.",
    labels: ["target", "action", "result"],
  },
  rollcall_held: {
    type: "gauge",
    help: "What is not done now, by why: Budget, Settling, Proposed, Conflict, Outside, Held, …",
    labels: ["target", "reason"],
  },
  rollcall_orphans: {
    type: "gauge",
    help: "Accounts in the store that no identity explains.",
    labels: ["target"],
  },
  rollcall_quarantined: {
    type: "gauge",
    help: "1 while most changes of the target fail, and it is tried with one change, ever more rarely.",
    labels: ["target"],
  },
  rollcall_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When a run of the target last came through with nothing failed, in seconds since 1970.",
    labels: ["target"],
  },
  rollcall_manifests_complete: {
    type: "gauge",
    help: "1 when the manifests could be read completely; 0: nothing is removed because it is missing.",
    labels: [],
  },
  rollcall_store_up: {
    type: "gauge",
    help: "1 when the store answered the last run, 0 when it could not be reached or refused us.",
    labels: ["store"],
  },
  rollcall_store_calls_total: {
    type: "counter",
    help: "Calls to the store, by status: ok, or the kind of error.",
    labels: ["store", "call", "status"],
  },
  rollcall_store_call_duration_seconds: {
    type: "histogram",
    help: "How long calls to the store took.",
    labels: ["store", "call"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  },
  rollcall_event_loop_delay_seconds: {
    type: "gauge",
    help: "How long other work waited for the process since the last scrape.",
    labels: ["quantile"],
  },
  controller_runtime_reconcile_total: {
    type: "counter",
    help: "Runs of targets, by result: success, or error when the store could not be read or something failed.",
    labels: ["controller", "result"],
  },
  controller_runtime_reconcile_errors_total: {
    type: "counter",
    help: "Runs of targets that ended in an error.",
    labels: ["controller"],
  },
  controller_runtime_reconcile_time_seconds: {
    type: "histogram",
    help: "How long a run, of all targets that were due, took.",
    labels: ["controller"],
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800],
  },
  workqueue_depth: {
    type: "gauge",
    help: "Targets that are due and have not been run yet.",
    labels: ["name"],
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** One value of a metric: a gauge's, or what is added to a counter. */
export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** docs/metrics.md */
export function metricsPage(): string {
  const rows = Object.entries<Metric>(metrics).map(
    ([name, { type, labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
  return `# Metrics

\`rollcall controller\` serves these at \`/metrics\`, in the Prometheus text format. No label ever carries a person.

| Metric | Type | Labels | Meaning |
| --- | --- | --- | --- |
${rows.join("\n")}

Worth an alert:

\`\`\`
rollcall_store_up == 0                                                  # for some minutes
rollcall_held{reason="Budget"} > 0                                      # somebody has to approve it, or to look
rollcall_manifests_complete == 0                                        # for longer than a rebase takes
rollcall_quarantined == 1
time() - rollcall_last_success_timestamp_seconds > 3600
sum by (target) (rollcall_drift_objects) > 0                            # for longer than the schedule's \`every\`
\`\`\`
`;
}
