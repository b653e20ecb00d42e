import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { driftAlerts, driftIsOver, impatientRules, patience } from "../support/drift-alert.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { startPostgres } from "../support/postgres.ts";
import { promtool, startPrometheus } from "../support/prometheus.ts";
import { waitFor } from "../support/wait.ts";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, ["observed", "counted", "shared"]);
});

afterAll(() => cluster?.stop());

const scrape = async (url: string) => (await fetch(`${url}/metrics`)).text();
const observing = company({ mode: "Observe", schedule: { every: "200ms" } });

/** The value of a series, by its whole name. */
function shown(text: string, series: string): string | undefined {
  return text
    .split("\n")
    .find((line) => line.startsWith(`${series} `))
    ?.slice(series.length + 1);
}

describe("a controller in a cluster, and a real Prometheus", () => {
  test("tell of drift that stands in a namespace, until somebody lets it be repaired", async () => {
    await using acme = await Organisation.make(cluster, "observed", ...observing, person("alice"));
    const url = await (await acme.start()).ready();
    await using prometheus = await startPrometheus({ scrape: [url], rules: impatientRules() });
    const alert = await waitFor(async () => (await driftAlerts(prometheus))[0], patience);
    expect(alert.labels).toMatchObject({ realm: "observed", target: "people" });
    await acme.must("patch", "target/people", "--type=merge", "-p", '{"spec":{"mode":"Enforce"}}');
    await driftIsOver(prometheus);
    await acme.haveAccounts("alice");
  });
});

describe("what a controller in a cluster serves", () => {
  test("counts what it asks of the API server, names no person, and pleases promtool", async () => {
    await using acme = await Organisation.make(cluster, "counted", ...company(), person("alice"));
    const url = await (await acme.start()).ready();
    const text = await waitFor(async () => {
      const scraped = await scrape(url);
      const written = 'rollcall_status_writes_total{resource="identities",result="Done"}';
      const leads = shown(scraped, 'leader_election_master_status{name="rollcall"}') === "1";
      return leads && scraped.includes(written) ? scraped : undefined;
    });
    expect(shown(text, 'reflector_lists_total{name="identities"}')).toBe("1");
    expect(Number(shown(text, 'reflector_watches_total{name="identities"}'))).toBeGreaterThan(0);
    expect(Number(shown(text, 'rest_client_requests_total{code="2xx",method="PATCH"}'))).toBeGreaterThan(0);
    expect(Number(shown(text, 'rollcall_epoch{realm="counted"}'))).toBeGreaterThan(0);
    expect(shown(text, 'rollcall_state_up{realm="counted"}')).toBe("1");
    expect(text).not.toContain("alice");
    expect(await promtool(["check", "metrics"], text)).toEqual({ code: 0, output: "" });
  });

  test("is of targets only where it leads, and drift is as old as before when another replica takes over", async () => {
    await using postgres = await startPostgres();
    const state = ["--state", await postgres.createDatabase()];
    await using acme = await Organisation.make(cluster, "shared", ...observing, person("alice"));
    const first = await acme.start(...state);
    const leader = await first.ready();
    const since = 'rollcall_drift_since_timestamp_seconds{realm="shared",target="people"}';
    const before = await waitFor(async () => shown(await scrape(leader), since), {
      what: "there is drift",
    });

    const epoch = async (url: string) => Number(shown(await scrape(url), 'rollcall_epoch{realm="shared"}'));
    const earlier = await epoch(leader);
    const second = await acme.start(...state);
    const standby = String((await second.logged("started")).url);
    const waiting = await scrape(standby);
    expect(shown(waiting, 'leader_election_master_status{name="rollcall"}')).toBe("0");
    expect(waiting).not.toMatch(/^rollcall_\w+\{realm=/m);

    expect(await first.end("SIGTERM")).toBe(0);
    await waitFor(async () => shown(await scrape(standby), since) === before, { what: "the other leads" });
    expect(shown(await scrape(standby), 'leader_election_master_status{name="rollcall"}')).toBe("1");
    expect(await epoch(standby)).toBeGreaterThan(earlier);
  });
});
