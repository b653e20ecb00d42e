import { describe, expect, test } from "vitest";
import type { PlanItem } from "../core/model/change.ts";
import type { WithheldKind } from "../core/plan/withheld.ts";
import type { Task } from "../core/tasks/task.ts";
import { countsOf, gaugesOf, stalledBy, storeUp, successOf, type TargetFigures } from "./figures.ts";
import type { JournalLine } from "./journal.ts";
import { type Metric, metrics, type Sample } from "./metrics.ts";

const item = (operation: string) =>
  ({ operation, identity: "alice", name: "uid=alice" }) as unknown as PlanItem;
const failed = (operation: string, kind: string) => ({ item: item(operation), error: "…", kind });
const held = (operation: string, kind: WithheldKind) => ({ item: item(operation), kind, reason: "…" });

function figures(more: Partial<TargetFigures> = {}): TargetFigures {
  return {
    target: "people",
    store: "directory",
    guarded: { items: [], withheld: [], holds: [], counts: new Map() },
    findings: [],
    applied: { done: [], failed: [], left: [] },
    orphans: new Map(),
    error: undefined,
    accounts: { Enabled: 3, Disabled: 1 },
    troubles: ["Locked", "PasswordExpired", "Locked"],
    quarantined: false,
    driftSince: undefined,
    at: 5_000,
    ...more,
  };
}

const shown = (samples: readonly Sample[] | undefined, metric: string, label?: string) =>
  samples?.find((each) => each.metric === metric && (!label || Object.values(each.labels).includes(label)))
    ?.value;

describe("what metrics tell of a run", () => {
  test("drift is what was found and not put right", () => {
    const applied = {
      done: [item("Create")],
      failed: [failed("Update", "Denied")],
      left: [item("Update")],
    };
    const guarded = { ...figures().guarded, withheld: [held("Disable", "Budget")] };
    const gauges = gaugesOf(figures({ applied, guarded }));
    expect(shown(gauges, "rollcall_drift_objects", "Update")).toBe(2);
    expect(shown(gauges, "rollcall_drift_objects", "Disable")).toBe(1);
    expect(shown(gauges, "rollcall_drift_objects", "Create")).toBeUndefined();
  });

  test("tasks for people are counted by phase, and those that are past their time; what waits in them is drift", () => {
    const task = (phase: Task["phase"], due: number) => ({ phase, due }) as Task;
    const live = [task("Open", 9_000), task("Open", 5_000), task("Completed", 1), task("Rejected", 1)];
    const applied = { ...figures().applied!, handed: [item("Create")] };
    const gauges = gaugesOf(figures({ applied, tasks: { owner: "records", live, events: [] } }));
    expect(shown(gauges, "rollcall_tasks", "Open")).toBe(2);
    expect(shown(gauges, "rollcall_tasks", "Rejected")).toBe(1);
    expect(shown(gauges, "rollcall_tasks_overdue")).toBe(2);
    expect(shown(gauges, "rollcall_drift_objects", "Create")).toBe(1);
    expect(
      shown(gaugesOf(figures({ tasks: { live: [], events: [] } })), "rollcall_tasks_overdue"),
    ).toBeUndefined();
  });

  test("a target that only observes drifts by all that it would do", () => {
    const guarded = { ...figures().guarded, withheld: [held("Create", "Observe")] };
    const gauges = gaugesOf(figures({ guarded }));
    expect(shown(gauges, "rollcall_drift_objects", "Create")).toBe(1);
    expect(shown(gauges, "rollcall_held", "Observe")).toBe(1);
  });

  test("accounts that cannot log in are counted by why", () => {
    const gauges = gaugesOf(figures());
    expect(shown(gauges, "rollcall_login_trouble", "Locked")).toBe(2);
    expect(shown(gauges, "rollcall_login_trouble", "PasswordExpired")).toBe(1);
  });

  test("changes are counted by operation and by what came of them", () => {
    const applied = {
      done: [item("Create"), item("Create")],
      failed: [failed("Update", "Denied"), failed("Update", "InDoubt")],
      left: [],
    };
    const counts = countsOf(figures({ applied }));
    const changes = counts.filter(({ metric }) => metric === "rollcall_changes_total");
    expect(changes.map(({ labels, value }) => [labels.action, labels.result, value])).toEqual([
      ["Create", "Done", 2],
      ["Update", "Failed", 1],
      ["Update", "InDoubt", 1],
    ]);
    expect(shown(counts, "controller_runtime_reconcile_total", "error")).toBe(1);
  });

  test("changes that people have made are counted, and told from those that Rollcall makes", () => {
    const applied = { ...figures().applied!, done: [item("Adopt"), item("Grant")] };
    const byHand = ["Create", "Grant", "Grant"].map((operation) => ({ operation }) as JournalLine);
    const changes = (tasks: TargetFigures["tasks"]) =>
      countsOf(figures({ applied, ...(tasks && { tasks }) }))
        .filter(({ metric }) => metric === "rollcall_changes_total")
        .map(({ labels, value }) => [labels.action, labels.by, value]);
    expect(changes({ owner: "records", live: [], events: [], byHand })).toEqual([
      ["Adopt", "Rollcall", 1],
      ["Grant", "People", 3],
      ["Create", "People", 1],
    ]);
    expect(changes(undefined)).toEqual([
      ["Adopt", "Rollcall", 1],
      ["Grant", "Rollcall", 1],
    ]);
  });

  test("after an error nothing is known of the target, and the store is down", () => {
    const down = figures({ error: { kind: "Unavailable" }, applied: undefined });
    expect(gaugesOf(down)).toBeUndefined();
    expect(successOf(down)).toBeUndefined();
    expect(storeUp(down).value).toBe(0);
  });

  test("what the manifests say only to report is drift as well", () => {
    const findings = [
      { kind: "Drift", target: "people", message: "" },
      { kind: "Outside", target: "people", message: "" },
      { kind: "Orphan", target: "people", message: "" },
    ] as const;
    const gauges = gaugesOf(figures({ findings, driftSince: 4_000 }));
    expect(shown(gauges, "rollcall_drift_objects", "Report")).toBe(2);
    expect(shown(gauges, "rollcall_drift_since_timestamp_seconds")).toBe(4);
  });

  test("without drift there is no time since when it stands", () => {
    expect(shown(gaugesOf(figures()), "rollcall_drift_since_timestamp_seconds")).toBeUndefined();
  });

  test("an account whose adoption is proposed is no orphan", () => {
    const adopt = { ...item("Adopt"), kind: "account", anchor: "#1" } as PlanItem;
    const guarded = { ...figures().guarded, items: [adopt] };
    const orphans = new Map([
      ["#1", "uid=eve"],
      ["#2", "uid=mallory"],
    ]);
    expect(shown(gaugesOf(figures({ guarded, orphans })), "rollcall_orphans")).toBe(1);
  });

  test.each([
    ["Unavailable", []],
    ["RateLimited", []],
    ["Invalid", ["Invalid"]],
    ["Unauthenticated", ["Unauthenticated"]],
    ["Denied", ["Denied"]],
  ])(
    "a target that ran into %s is stalled by %j: only what passes by itself does not need a person",
    (kind, reasons) => {
      const stalled = stalledBy(figures({ error: { kind } }));
      expect(stalled.map(({ labels }) => labels.reason)).toEqual(reasons);
    },
  );

  test("a target that does not fit its store does not make the store look down", () => {
    expect(storeUp(figures({ error: { kind: "Invalid" } })).value).toBe(1);
  });

  test("success has its time in seconds", () => {
    expect(successOf(figures())?.value).toBe(5);
    expect(successOf(figures({ applied: { done: [], failed: [], left: [item("Create")] } }))).toBeUndefined();
  });

  test("every sample has the labels that its metric is registered with, but the realm", () => {
    const applied = { done: [item("Create")], failed: [failed("Update", "Denied")], left: [] };
    const guarded = { ...figures().guarded, withheld: [held("Disable", "Budget")] };
    const all = figures({ applied, guarded, driftSince: 4_000 });
    const stalled = stalledBy(figures({ error: { kind: "Denied" } }));
    const samples = [
      ...(gaugesOf(all) ?? []),
      ...countsOf(all),
      storeUp(all),
      successOf(figures()),
      ...stalled,
    ];
    for (const sample of samples) {
      const { labels }: Metric = metrics[sample!.metric];
      expect(Object.keys(sample!.labels).sort()).toEqual(labels.filter((label) => label !== "realm").sort());
    }
  });

  test("no metric has a label that could name a person", () => {
    const labels = new Set(Object.values<Metric>(metrics).flatMap((metric) => metric.labels));
    for (const label of ["identity", "account", "user"]) expect(labels).not.toContain(label);
    const named = Object.entries<Metric>(metrics).filter(([, metric]) => metric.labels.includes("name"));
    // The queue's name, a kind's, the Lease's.
    expect(named.map(([name]) => name)).toEqual([
      "reflector_lists_total",
      "reflector_watches_total",
      "leader_election_master_status",
      "workqueue_depth",
    ]);
  });

  test("what is about a target or a store says of which realm", () => {
    const about = Object.values<Metric>(metrics).filter(
      ({ labels }) => labels.includes("target") || labels.includes("store"),
    );
    expect(about.filter(({ labels }) => labels[0] !== "realm")).toEqual([]);
  });
});
