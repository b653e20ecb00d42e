/** A metric as it is registered, scraped and documented (docs/metrics.md is made from this). No label ever carries a person. */
export interface Metric {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/**
 * Every metric by its name. Those of the loop, its queue and the API client have controller-runtime's and client-go's names, so that
 * their dashboards fit. `realm` is the namespace, or `default` for a folder: Prometheus has a `namespace` of its own.
 */
export const metrics = {
  rollcall_drift_objects: {
    type: "gauge",
    help: "What differs from the manifests and was not put right by the last run, by the operation it would take; Report: what the manifests say only to report.",
    labels: ["realm", "target", "action"],
  },
  rollcall_drift_since_timestamp_seconds: {
    type: "gauge",
    help: "Since when something has differed without a break, in seconds since 1970; absent while nothing does, or only what people are asked for. Kept over restarts.",
    labels: ["realm", "target"],
  },
  rollcall_accounts: {
    type: "gauge",
    help: "Linked accounts, by state: Enabled or Disabled.",
    labels: ["realm", "target", "state"],
  },
  rollcall_login_trouble: {
    type: "gauge",
    help: "Linked accounts that cannot log in as they are, by why: Locked, PasswordExpired, MustChangePassword or Expired, as of when each was last read (schedule.fullCompare at the latest). One may count for several.",
    labels: ["realm", "target", "trouble"],
  },
  rollcall_changes_total: {
    type: "counter",
    help: "Changes made or tried, by operation, by result (Done, Failed or InDoubt), and by whom: Rollcall, or People, in a target that asks them; theirs are counted when the store shows them.",
    labels: ["realm", "target", "action", "result", "by"],
  },
  rollcall_held: {
    type: "gauge",
    help: "What is not done now, by why: Budget, Settling, Proposed, Conflict, Outside, Held, …",
    labels: ["realm", "target", "reason"],
  },
  rollcall_tasks: {
    type: "gauge",
    help: "Tasks for people, by phase: Open, Completed (said to be done, and not yet seen in the store) or Rejected.",
    labels: ["realm", "target", "phase"],
  },
  rollcall_tasks_overdue: {
    type: "gauge",
    help: "Tasks for people that are due and not seen done. Absent where people change nothing.",
    labels: ["realm", "target"],
  },
  rollcall_orphans: {
    type: "gauge",
    help: "Accounts in the store that no identity explains.",
    labels: ["realm", "target"],
  },
  rollcall_target_stalled: {
    type: "gauge",
    help: "1 while the target cannot be run until somebody acts, by why: Manifest (it, or its Store, is not valid or not there), or the kind of the store's error. Absent otherwise.",
    labels: ["realm", "target", "reason"],
  },
  rollcall_target_suspended: {
    type: "gauge",
    help: "1 while the target, or its Store, is suspended. Absent otherwise.",
    labels: ["realm", "target"],
  },
  rollcall_target_interval_seconds: {
    type: "gauge",
    help: "From one look for drift to the next (schedule.every), of targets that are to be run.",
    labels: ["realm", "target"],
  },
  rollcall_quarantined: {
    type: "gauge",
    help: "1 while most changes of the target fail, and it is tried with one change, ever more rarely.",
    labels: ["realm", "target"],
  },
  rollcall_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When a run of the target last came through with nothing failed, in seconds since 1970.",
    labels: ["realm", "target"],
  },
  rollcall_export_rows: {
    type: "gauge",
    help: "Rows of the file as the process last wrote it.",
    labels: ["realm", "export"],
  },
  rollcall_export_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When the file was last written, in seconds since 1970; absent where it never was. Kept over restarts.",
    labels: ["realm", "export"],
  },
  rollcall_export_interval_seconds: {
    type: "gauge",
    help: "From one time that the file is written to the next (schedule.every). Absent for exports that are suspended, or written by hand.",
    labels: ["realm", "export"],
  },
  rollcall_exports_total: {
    type: "counter",
    help: "Times that an export was tried, by result: success, or error, when the old file stayed.",
    labels: ["realm", "export", "result"],
  },
  rollcall_manifests_complete: {
    type: "gauge",
    help: "1 when the manifests could be read completely; 0: nothing is removed because it is missing.",
    labels: ["realm"],
  },
  rollcall_manifests_unread: {
    type: "gauge",
    help: "1 while this kind of manifest cannot be read: what depends on it is held. Absent otherwise.",
    labels: ["realm", "kind"],
  },
  rollcall_state_up: {
    type: "gauge",
    help: "1 when the state could be read and written, 0 while it cannot be, or not be opened: nothing is changed then.",
    labels: ["realm"],
  },
  rollcall_epoch: {
    type: "gauge",
    help: "How many times the state was opened for writing: it goes up when a replica takes over.",
    labels: ["realm"],
  },
  rollcall_store_up: {
    type: "gauge",
    help: "1 when the store answered the last run, 0 when it could not be reached or refused us.",
    labels: ["realm", "store"],
  },
  rollcall_store_calls_total: {
    type: "counter",
    help: "Calls to the store, by status: ok, or the kind of error.",
    labels: ["realm", "store", "call", "status"],
  },
  rollcall_store_call_duration_seconds: {
    type: "histogram",
    help: "How long calls to the store took.",
    labels: ["realm", "store", "call"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  },
  rollcall_event_loop_delay_seconds: {
    type: "gauge",
    help: "How long other work waited for the process since the last scrape.",
    labels: ["percentile"],
  },
  rollcall_build_info: {
    type: "gauge",
    help: "1, with the version that runs.",
    labels: ["version"],
  },
  rollcall_status_writes_total: {
    type: "counter",
    help: "Writes of objects' status to the API server, by result: Done, Conflict or Failed.",
    labels: ["resource", "result"],
  },
  rollcall_watch_errors_total: {
    type: "counter",
    help: "Watches of the API server that ended in an error, by its reason: Expired is followed by a new list.",
    labels: ["resource", "reason"],
  },
  reflector_lists_total: {
    type: "counter",
    help: "Complete lists of a kind that were asked of the API server.",
    labels: ["name"],
  },
  reflector_watches_total: {
    type: "counter",
    help: "Watches of a kind that were opened at the API server.",
    labels: ["name"],
  },
  rest_client_requests_total: {
    type: "counter",
    help: "Requests to the API server, by status code (2xx: all went well; <error>: no answer) and method.",
    labels: ["code", "method"],
  },
  leader_election_master_status: {
    type: "gauge",
    help: "1 on the replica that does the work, 0 on one that waits to take over; name: the Lease.",
    labels: ["name"],
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

/** One value of a metric: a gauge's, what is added to a counter, or what a histogram observes. */
export interface Sample {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
