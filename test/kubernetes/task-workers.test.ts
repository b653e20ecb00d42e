import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installChart } from "../support/kubernetes/chart.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { waitFor } from "../support/wait.ts";
import { allow, bound, namespace, type Person, pathOf, person } from "./who-may/people.ts";

/** Who may say what became of a task: the chart's role and policy for it on a real API server. */

let cluster: Cluster;
let boss: Person;
const opened: Person[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.namespace("rollcall-system");
  await cluster.namespace(namespace);
  await installChart(cluster);
  boss = await somebody("boss", "rollcall-admin");
  // Nothing is made: what was said before the policy was in force would not be said anew by any later try.
  const said = () => boss.apply("probe", done("nobody"), { dryRun: true });
  await waitFor(async () => (await said()).includes("cannot answer"), { what: "the policy is in force" });
});

afterAll(async () => {
  for (const who of opened) await who[Symbol.asyncDispose]();
  await cluster?.stop();
});

async function somebody(name: string, role: string): Promise<Person> {
  const who = await bound(cluster, name, role);
  opened.push(who);
  return who;
}

const task = (said: object, target = "badges") =>
  ({ kind: "ProvisioningTask", spec: { target: { name: target }, ...said } }) as const;
const done = (by: string) => task({ outcome: "Completed", by });

describe("a worker", () => {
  /** A task as the controller makes it. */
  const open = async (name: string, target?: string) =>
    expect(await boss.apply(name, task({}, target))).toBe("");

  test("says in their own name what became of a task", async () => {
    await open("own");
    const wanda = await somebody("wanda", "rollcall-worker");
    expect(await wanda.apply("own", done("boss"))).toContain(
      'user "wanda" cannot answer for a task as "boss": spec.by must be the user who says it',
    );
    expect(await wanda.apply("own", done("wanda"))).toBe("");
    expect(await wanda.apply("own", task({ outcome: "Rejected", by: "wanda", reason: "no desk" }))).toBe("");
  });

  test("makes no task, deletes none, and moves none to another target", async () => {
    await open("stays");
    const will = await somebody("will", "rollcall-worker");
    expect(await will.apply("new", task({}))).toContain("forbidden");
    expect(await will.request("DELETE", pathOf("ProvisioningTask", "stays"))).toContain("forbidden");
    expect(await will.apply("stays", task({}, "directory"))).toContain("a task is of one target");
  });

  test("tells nothing in the controller's place", async () => {
    await open("told");
    const wim = await somebody("wim", "rollcall-worker");
    const path = `${pathOf("ProvisioningTask", "told")}/status`;
    expect(await wim.request("PUT", path, { status: { phase: "Done" } })).toContain("forbidden");
  });

  test("sees tasks alone", async () => {
    const wes = await somebody("wes", "rollcall-worker");
    expect(await wes.request("GET", pathOf("ProvisioningTask"))).toBe("");
    expect(await wes.request("GET", pathOf("Identity"))).toContain("forbidden");
  });

  test("answers for the targets that are theirs", async () => {
    await open("theirs");
    await open("not-theirs", "directory");
    await allow(cluster, { user: "walt" }, [
      { resource: "provisioningtasks", verbs: ["get", "patch"] },
      { resource: "targets", verbs: ["complete"], names: ["badges"] },
    ]);
    const walt = await person("walt", await cluster.user("walt", [], namespace));
    opened.push(walt);
    await waitFor(async () => (await walt.apply("theirs", done("walt"))) === "");
    const said = task({ outcome: "Completed", by: "walt" }, "directory");
    const needed =
      'needs the verb "complete" on targets.rollcall.dev "directory" in namespace "acme": ClusterRoles rollcall-worker and rollcall-admin have it';
    expect(await walt.apply("not-theirs", said)).toContain(needed);
    expect(await boss.apply("not-theirs", task({ outcome: "Completed", by: "boss" }, "directory"))).toBe("");
    // What he leaves out of the spec is taken back.
    expect(await walt.apply("not-theirs", task({}, "directory"))).toContain(needed);
  });

  test("is spoken for by who may impersonate them, as a GitOps tool may", async () => {
    await open("from-git");
    const tool = await person("tool", cluster.kubeconfig);
    opened.push(tool);
    expect(await tool.apply("from-git", done("ann"))).toBe("");
  });
});
