import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { shipped } from "../monitoring/shipped.ts";
import { company, dn, person } from "../support/company.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { type Prometheus, promtool, startPrometheus } from "../support/prometheus.ts";
import { ControllerProcess } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

/** Prometheus begins to scrape some five seconds after its start, whatever interval it is given. */
const patience = { timeout: 50_000, every: 100 };

let place: ManifestFolder;
let controller: ControllerProcess;
let url: string;

beforeEach(async () => {
  place = await ManifestFolder.make();
});

afterEach(async () => {
  await controller.end("SIGKILL");
  await place[Symbol.asyncDispose]();
});

async function start(...words: string[]): Promise<void> {
  controller = new ControllerProcess(...place.words, ...words);
  url = await controller.ready();
}

describe("a real Prometheus that scrapes a controller", () => {
  test("is told of drift that stands, and that it stands no longer once the store is put right", async () => {
    await place.write(
      ...company({ schedule: { every: "200ms" }, ...reportingDepartments() }),
      person("alice"),
    );
    await place.writeStore({ accounts: [account("Research")] });
    await start("--init");
    await using prometheus = await startPrometheus({ scrape: [url], rules: impatientRules() });
    const up = 'rollcall_accounts{realm="default",target="people",state="Enabled"} == 1';
    await waitFor(async () => (await prometheus.query(up)).length === 1, {
      ...patience,
      what: "it is scraped",
    });
    expect(await driftAlerts(prometheus)).toEqual([]);

    await place.writeStore({ accounts: [account("Mallory")] });
    const [alert] = await waitFor(async () => nonEmpty(await driftAlerts(prometheus)), patience);
    expect(alert).toMatchObject({
      labels: { alertname: "RollcallDriftStands", severity: "warning", realm: "default", target: "people" },
      annotations: {
        summary: "Drift stands in target people of default",
        runbook_url: expect.stringMatching(/\/docs\/runbooks\/RollcallDriftStands\.md$/),
      },
    });

    await place.writeStore({ accounts: [account("Research")] });
    await waitFor(async () => (await driftAlerts(prometheus)).length === 0, {
      ...patience,
      what: "it clears",
    });
    expect(await firing(prometheus)).toEqual([]);
  });

  test("goes on being told since when drift has stood after the controller was restarted", async () => {
    await place.write(...company({ mode: "Observe", schedule: { every: "200ms" } }), person("alice"));
    await start("--init");
    const since = await driftSince();
    expect(await controller.end("SIGTERM")).toBe(0);
    await start();
    expect(await driftSince()).toBe(since);
  });

  test("finds nothing wrong with what it scrapes: promtool check metrics", async () => {
    await place.write(...company(), person("alice"));
    await start("--init");
    const scraped = await (await fetch(`${url}/metrics`)).text();
    expect(scraped).toContain('rollcall_accounts{realm="default",target="people",state="Enabled"} 1');
    expect(await promtool(["check", "metrics"], scraped)).toEqual({ code: 0, output: "" });
  });
});

/** Departments that differ are reported, and left to a person to put right. */
function reportingDepartments() {
  const target = company().find(({ kind }) => kind === "Target")!;
  const { accounts } = target.spec as { accounts: { attributes: Record<string, object> } };
  const department = { ...accounts.attributes.department, apply: "Report" };
  return { accounts: { ...accounts, adopt: "Auto", attributes: { ...accounts.attributes, department } } };
}

function account(department: string) {
  const attributes = { mail: ["alice@example.org"], employeeNumber: ["E-alice"], department: [department] };
  return { anchor: "1", name: dn("alice"), enabled: true, attributes };
}

/** The rules that are shipped, except that drift has to stand for a second and not for an hour and five minutes. */
function impatientRules(): string {
  const rules = parse(shipped("manifests/monitoring/alerts.yaml"));
  for (const rule of rules.groups.flatMap((group: { rules: object[] }) => group.rules)) {
    if (rule.alert !== "RollcallDriftStands") continue;
    expect(rule.expr).toContain("3600)");
    rule.expr = rule.expr.replace("3600)", "1)");
    rule.for = "0s";
  }
  return stringify(rules);
}

async function firing(prometheus: Prometheus) {
  return (await prometheus.alerts()).filter(({ state }) => state === "firing");
}

async function driftAlerts(prometheus: Prometheus) {
  return (await firing(prometheus)).filter(({ labels }) => labels.alertname === "RollcallDriftStands");
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** The time that is scraped, in seconds since 1970. */
function driftSince(): Promise<string> {
  return waitFor(async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return /^rollcall_drift_since_timestamp_seconds\{realm="default",target="people"\} (.*)$/m.exec(
      text,
    )?.[1];
  });
}
