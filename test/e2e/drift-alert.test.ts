import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { driftAlerts, driftIsOver, impatientRules, patience } from "../support/drift-alert.ts";
import { ManifestFolder } from "../support/manifest-folder.ts";
import { promtool, startPrometheus } from "../support/prometheus.ts";
import { ControllerProcess } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";

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
    const alert = await waitFor(async () => (await driftAlerts(prometheus))[0], patience);
    expect(alert).toMatchObject({
      labels: { alertname: "RollcallDriftStands", severity: "warning", realm: "default", target: "people" },
      annotations: {
        summary: "Drift stands in target people of default",
        runbook_url: expect.stringMatching(/\/docs\/runbooks\/RollcallDriftStands\.md$/),
      },
    });

    await place.writeStore({ accounts: [account("Research")] });
    await driftIsOver(prometheus);
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
    const scraped = await waitFor(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes('rollcall_accounts{realm="default",target="people",state="Enabled"} 1')
        ? text
        : "";
    });
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

/** The time that is scraped, in seconds since 1970. */
function driftSince(): Promise<string> {
  return waitFor(async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return /^rollcall_drift_since_timestamp_seconds\{realm="default",target="people"\} (.*)$/m.exec(
      text,
    )?.[1];
  });
}
