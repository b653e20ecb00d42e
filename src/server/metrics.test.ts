import { afterEach, expect, test } from "vitest";
import { report } from "../../test/support/reports.ts";
import type { TargetFigures } from "../report/figures.ts";
import { Metrics } from "./metrics.ts";

const opened: Metrics[] = [];

afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

function open(): Metrics {
  const metrics = new Metrics("1.2.3");
  opened.push(metrics);
  return metrics;
}

const idle = { waiting: () => 0 };
const people = { target: "people", store: "directory", standing: "Runs", every: 60_000 } as const;

function figures(more: Partial<TargetFigures> = {}): TargetFigures {
  return {
    ...report({}),
    ...{ accounts: {}, troubles: [], quarantined: false, driftSince: undefined, at: 5_000 },
    ...more,
  };
}

/** Lines that begin with this. */
async function lines(metrics: Metrics, start: string): Promise<string[]> {
  return (await metrics.scrape()).split("\n").filter((line) => line.startsWith(start));
}

test("targets of the same name in two realms are told apart", async () => {
  const metrics = open();
  const realms = ["acme", "umbrella"].map((realm) => metrics.realm(realm, idle));
  realms[0]!.ran([figures()], 10);
  realms[1]!.ran([figures({ quarantined: true })], 10);
  expect(await lines(metrics, "rollcall_quarantined{")).toEqual([
    'rollcall_quarantined{realm="acme",target="people"} 0',
    'rollcall_quarantined{realm="umbrella",target="people"} 1',
  ]);
});

test("a realm that is closed shows nothing any longer, so that only the replica that leads has series of targets", async () => {
  const metrics = open();
  const realm = metrics.realm("acme", idle);
  realm.ran([figures()], 10);
  realm.close();
  expect(await lines(metrics, "rollcall_last_success")).toEqual([]);
  expect(await lines(metrics, "controller_runtime_reconcile_total{")).toHaveLength(1);
});

test("a target that is gone, or is suspended, shows nothing any longer", async () => {
  const metrics = open();
  const realm = metrics.realm("acme", idle);
  realm.ran([figures()], 10);
  realm.loaded({ targets: [{ ...people, standing: "Suspended" }], complete: true, unread: [] });
  expect(await lines(metrics, "rollcall_last_success")).toEqual([]);
  expect(await lines(metrics, "rollcall_store_up{")).toEqual([]);
  expect(await lines(metrics, "rollcall_target_suspended{")).toHaveLength(1);
});

test("after an error a target shows what was last known, and that it is stalled until a run comes through", async () => {
  const metrics = open();
  const realm = metrics.realm("acme", idle);
  realm.ran([figures({ quarantined: true })], 10);
  realm.ran([figures({ error: { kind: "Invalid" } })], 10);
  expect(await lines(metrics, "rollcall_quarantined{")).toEqual([
    'rollcall_quarantined{realm="acme",target="people"} 1',
  ]);
  expect(await lines(metrics, "rollcall_target_stalled{")).toEqual([
    'rollcall_target_stalled{realm="acme",target="people",reason="Invalid"} 1',
  ]);
  realm.ran([figures()], 10);
  expect(await lines(metrics, "rollcall_target_stalled{")).toEqual([]);
});

test("a state that fails is down until it can be written again", async () => {
  const metrics = open();
  const realm = metrics.realm("acme", idle);
  realm.state(false);
  expect(await lines(metrics, "rollcall_state_up{")).toEqual(['rollcall_state_up{realm="acme"} 0']);
  realm.loaded({ targets: [people], complete: true, unread: [] });
  expect(await lines(metrics, "rollcall_state_up{")).toEqual(['rollcall_state_up{realm="acme"} 1']);
});

test("a realm whose state cannot be opened has its state down, until it is looked after or another replica leads", async () => {
  const metrics = open();
  const down = 'rollcall_state_up{realm="acme"} 0';
  metrics.cannotOpenState("acme");
  expect(await lines(metrics, "rollcall_state_up{")).toEqual([down]);
  metrics.realm("acme", idle).loaded({ targets: [people], complete: true, unread: [] });
  expect(await lines(metrics, "rollcall_state_up{")).toEqual(['rollcall_state_up{realm="acme"} 1']);
  metrics.cannotOpenState("umbrella");
  metrics.leads("rollcall", false);
  expect(await lines(metrics, 'rollcall_state_up{realm="umbrella"}')).toEqual([]);
});

test("what waits is the sum over all realms", async () => {
  const metrics = open();
  metrics.realm("acme", { waiting: () => 2 });
  metrics.realm("umbrella", { waiting: () => 3 });
  expect(await lines(metrics, "workqueue_depth{")).toEqual(['workqueue_depth{name="targets"} 5']);
});

test("the process says what it is, whether it leads, and what it asks of the API server", async () => {
  const metrics = open();
  metrics.leads("rollcall", true);
  metrics.realm("acme", idle).epoch(7);
  const labels = { code: "2xx", method: "GET" };
  metrics.count({ metric: "rest_client_requests_total", labels, value: 1 });
  const text = await metrics.scrape();
  expect(text).toContain('rollcall_build_info{version="1.2.3"} 1');
  expect(text).toContain('leader_election_master_status{name="rollcall"} 1');
  expect(text).toContain('rollcall_epoch{realm="acme"} 7');
  expect(text).toContain('rest_client_requests_total{code="2xx",method="GET"} 1');
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
});

test("an export shows when it was written and how often it is to be, its rows once it was, and nothing when it is gone", async () => {
  const metrics = open();
  const realm = metrics.realm("acme", idle);
  const never = Number.POSITIVE_INFINITY;
  const known = [
    { name: "badges", lastAt: 5_000, every: 60_000 },
    { name: "by-hand", lastAt: 0, every: never },
  ];
  realm.exports(known);
  realm.exported("badges", 3);
  realm.exported("badges", undefined);
  realm.loaded({ targets: [], complete: true, unread: [] });
  realm.exports(known);
  expect(await lines(metrics, "rollcall_export")).toEqual([
    'rollcall_export_rows{realm="acme",export="badges"} 3',
    'rollcall_export_last_success_timestamp_seconds{realm="acme",export="badges"} 5',
    'rollcall_export_interval_seconds{realm="acme",export="badges"} 60',
    'rollcall_exports_total{realm="acme",export="badges",result="success"} 1',
    'rollcall_exports_total{realm="acme",export="badges",result="error"} 1',
  ]);
  realm.exports([]);
  expect((await lines(metrics, "rollcall_export")).filter((line) => !line.includes("_total"))).toEqual([]);
});
