import { describe, expect, test } from "vitest";
import type { PlanItem } from "../core/model/change.ts";
import type { WithheldKind } from "../core/plan/withheld.ts";
import { countsOf, gaugesOf, storeUp, successOf, type TargetFigures } from "./figures.ts";
import { type Metric, metrics, type Sample } from "./metrics.ts";

const item = (operation: string) =>
  ({ operation, identity: "alice", name: "uid=alice" }) as unknown as PlanItem;
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
    quarantined: false,
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
      failed: [{ item: item("Update"), kind: "Denied" }],
      left: [item("Update")],
    };
    const guarded = { ...figures().guarded, withheld: [held("Disable", "Budget")] };
    const gauges = gaugesOf(figures({ applied, guarded }));
    expect(shown(gauges, "rollcall_drift_objects", "Update")).toBe(2);
    expect(shown(gauges, "rollcall_drift_objects", "Disable")).toBe(1);
    expect(shown(gauges, "rollcall_drift_objects", "Create")).toBeUndefined();
  });

  test("a target that only observes drifts by all that it would do", () => {
    const guarded = { ...figures().guarded, withheld: [held("Create", "Observe")] };
    const gauges = gaugesOf(figures({ guarded }));
    expect(shown(gauges, "rollcall_drift_objects", "Create")).toBe(1);
    expect(shown(gauges, "rollcall_held", "Observe")).toBe(1);
  });

  test("changes are counted by operation and by what came of them", () => {
    const failed = [
      { item: item("Update"), kind: "Denied" },
      { item: item("Update"), kind: "InDoubt" },
    ];
    const counts = countsOf(
      figures({ applied: { done: [item("Create"), item("Create")], failed, left: [] } }),
    );
    const changes = counts.filter(({ metric }) => metric === "rollcall_changes_total");
    expect(changes.map(({ labels, value }) => [labels.action, labels.result, value])).toEqual([
      ["Create", "Done", 2],
      ["Update", "Failed", 1],
      ["Update", "InDoubt", 1],
    ]);
    expect(shown(counts, "controller_runtime_reconcile_total", "error")).toBe(1);
  });

  test("after an error nothing is known of the target, and the store is down", () => {
    const failed = figures({ error: { kind: "Unavailable" }, applied: undefined });
    expect(gaugesOf(failed)).toBeUndefined();
    expect(successOf(failed)).toBeUndefined();
    expect(storeUp(failed).value).toBe(0);
  });

  test("a target that does not fit its store does not make the store look down", () => {
    expect(storeUp(figures({ error: { kind: "Invalid" } })).value).toBe(1);
  });

  test("success has its time in seconds", () => {
    expect(successOf(figures())?.value).toBe(5);
    expect(successOf(figures({ applied: { done: [], failed: [], left: [item("Create")] } }))).toBeUndefined();
  });

  test("every sample has exactly the labels that its metric is registered with", () => {
    const applied = { done: [item("Create")], failed: [{ item: item("Update"), kind: "Denied" }], left: [] };
    const guarded = { ...figures().guarded, withheld: [held("Disable", "Budget")] };
    const all = figures({ applied, guarded });
    const samples = [...(gaugesOf(all) ?? []), ...countsOf(all), storeUp(all), successOf(figures())];
    for (const sample of samples) {
      const { labels }: Metric = metrics[sample!.metric];
      expect(Object.keys(sample!.labels).sort()).toEqual([...labels].sort());
    }
  });

  test("no metric has a label that could name a person", () => {
    const labels = new Set(Object.values<Metric>(metrics).flatMap((metric) => metric.labels));
    for (const label of ["identity", "account", "name", "user"])
      if (label !== "name") expect(labels).not.toContain(label);
    const named = Object.entries<Metric>(metrics).filter(([, metric]) => metric.labels.includes("name"));
    expect(named.map(([name]) => name)).toEqual(["workqueue_depth"]);
  });
});
