import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { company, dn, person } from "../support/company.ts";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";
import { installRelease, Organisation } from "../support/kubernetes/organisation.ts";
import { onceQuiet } from "../support/kubernetes/quiet.ts";
import { lab, make, type TaskObject, task } from "../support/kubernetes/tasks.ts";
import { rollcall } from "../support/rollcall-process.ts";
import { waitFor } from "../support/wait.ts";
import { bind } from "./who-may/people.ts";

/** Tasks in a cluster: what people see and say with kubectl and rollcall, the controller running as the chart's ServiceAccount. */

const namespaces = ["asked", "vain", "rejected", "lost", "late", "waits", "said", "cli"];
const organisations: Organisation[] = [];
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, namespaces);
});

afterEach(async () => {
  for (const organisation of organisations.splice(0)) await organisation[Symbol.asyncDispose]();
});

afterAll(() => cluster?.stop());

const ofTasks = { tasks: { owner: "records@example.org" }, schedule: { every: "500ms" } };

/** An organisation whose directory people keep, with its controller. */
const asking = (namespace: string, ...names: string[]) => askingBy(ofTasks, namespace, ...names);

async function askingBy(target: object, namespace: string, ...names: string[]): Promise<Organisation> {
  const acme = await Organisation.make(cluster, namespace, ...company({ ...target }));
  organisations.push(acme);
  await acme.writeStore({
    accounts: [],
    entitlements: [lab],
  });
  await acme.apply(...names.map((name) => person(name)));
  await acme.start();
  return acme;
}

/** Somebody who does such work. */
async function worker(namespace: string, name: string): Promise<string> {
  const kubeconfig = await cluster.user(name, [], namespace);
  await bind(cluster, name, "rollcall-worker", namespace);
  await waitFor(async () => (await cluster.kubectl(["get", "ptask"], { as: kubeconfig })).code === 0, {
    what: `${name} may work`,
  });
  return kubeconfig;
}

/** Says something of a task, as this person. */
async function say(as: string, { metadata: { name } }: TaskObject, spec: object): Promise<void> {
  const patch = JSON.stringify({ spec });
  const { code, stderr } = await cluster.kubectl(["patch", "ptask", name, "--type=merge", "-p", patch], {
    as,
  });
  if (code !== 0) throw new Error(stderr);
}

const reason = ({ status }: TaskObject) => status?.conditions?.[0]?.reason;

describe("a task", () => {
  test("is shown by kubectl, told of by Events, and closes by itself when the store shows it", async () => {
    const acme = await asking("asked", "alice");
    const opened = await task(acme, "Open");
    expect(opened.status).toMatchObject({
      account: dn("alice"),
      what: "create; grant lab",
      changes: [
        `+ create  ${dn("alice")} (alice): department: Research; employeeNumber: E-alice; mail: alice@example.org`,
        `+ grant   lab for ${dn("alice")} (alice)`,
      ],
    });
    const [head = "", row = ""] = (await acme.must("get", "ptask", "-o", "wide")).split("\n");
    expect(head.split(/\s+/).slice(0, 8)).toEqual([
      "NAME",
      "TARGET",
      "ACCOUNT",
      "WHAT",
      "OWNER",
      "DUE",
      "PHASE",
      "AGE",
    ]);
    expect(row).toContain(`people   ${dn("alice")}   create; grant lab   records@example.org   20`);
    const events = await waitFor(async () => {
      const told = await acme.must("events", "--for", `provisioningtask/${opened.metadata.name}`);
      return told.includes("TaskOpen") && told;
    });
    expect(events).toContain("waits for records@example.org, is due");

    await make(acme, "alice");
    await acme.must("wait", "--for=condition=Ready", "--timeout=120s", `ptask/${opened.metadata.name}`);
    expect(await task(acme, "Done")).toMatchObject({ status: { what: "create; grant lab" } });
    await acme.must("wait", "--for=condition=Ready", "--timeout=120s", "identity/alice");
  });

  test("that is completed in vain is open again, and can be completed once more", async () => {
    const acme = await asking("vain", "alice");
    const wanda = await worker("vain", "wanda");
    await say(wanda, await task(acme, "Open"), { outcome: "Completed", by: "wanda" });
    await task(acme, "Completed");
    await passed(acme);
    // Somebody else's edit: what is read from now on is newer than what was said.
    await acme.writeStore({
      accounts: [],
      entitlements: [{ ...lab, attributes: { description: ["edited"] } }],
    });
    const again = await waitFor(async () => {
      const open = await task(acme, "Open");
      return open.spec.outcome === undefined ? open : undefined;
    });
    expect(again.status?.conditions?.[0]?.message).toContain("wanda completed it");
    await make(acme, "alice");
    await say(wanda, again, { outcome: "Completed", by: "wanda" });
    await task(acme, "Done");
  });

  test("that is rejected stays undone, with who said so and why", async () => {
    const acme = await asking("rejected", "alice");
    const will = await worker("rejected", "will");
    await say(will, await task(acme, "Open"), { outcome: "Rejected", by: "will", reason: "no desk" });
    const rejected = await task(acme, "Rejected");
    expect(reason(rejected)).toBe("TaskRejected");
    expect(rejected.status?.conditions?.[0]?.message).toBe("rejected by will: no desk");
    const alice = await waitFor(async () => {
      const said = await acme.must(
        "get",
        "identity",
        "alice",
        "-o",
        "jsonpath={.status.conditions[0].message}",
      );
      return said.includes("rejected by will") && said;
    });
    expect(alice).toContain("no desk");
  });

  test("whose object is deleted gets another, and one that is no longer due is withdrawn", async () => {
    const acme = await asking("lost", "alice");
    const { metadata } = await task(acme, "Open");
    await acme.must("delete", "ptask", metadata.name);
    expect((await task(acme, "Open")).metadata.name).toBe(metadata.name);
    await acme.apply(person("alice", { lifecycle: { state: "Inactive" } }));
    expect(reason(await task(acme, "Withdrawn"))).toBe("TaskWithdrawn");
  });
});

test("who has a task is reminded, and everybody sees that it is overdue", async () => {
  const tasks = { owner: "records@example.org", due: "8s", remind: "1s" };
  const acme = await askingBy({ tasks }, "late", "alice");
  const { metadata } = await task(acme, "Open");
  await acme.must("wait", "--for=condition=Stalled", "--timeout=120s", `ptask/${metadata.name}`);
  const told = await waitFor(async () => {
    const events = await acme.must("events", "--for", `provisioningtask/${metadata.name}`);
    return ["TaskReminder", "TaskOverdue"].every((each) => events.includes(each)) && events;
  });
  expect(told).toMatch(/Warning +TaskOverdue +\S+ +waits for records@example.org, was due/);
  expect(reason(await task(acme, "Open"))).toBe("TaskOverdue");
});

test("a pass that finds tasks waiting writes nothing to the API server, Lease renewals aside", async () => {
  const acme = await asking("waits", "alice", "bob");
  await waitFor(async () => {
    const phases = await acme.must("get", "ptask", "-o", "jsonpath={.items[*].status.phase}");
    return phases === "Open Open";
  });
  const writes = async () =>
    Object.entries(await cluster.requests()).filter(([what]) => !/ (leases|targets)(\/status)?$/.test(what));
  const before = await onceQuiet(writes, () => passed(acme));
  for (let pass = 0; pass < 3; pass++) await passed(acme);
  expect(await writes()).toEqual(before);
});

describe("where there is no store", () => {
  test("what people say that they did is all there is, and converges", async () => {
    const [, target, ...rest] = company({
      ...ofTasks,
      accounts: {
        when: "identity.userType == 'Employee'",
        name: { expression: "identity.userName" },
        attributes: { number: { expression: "identity.employeeNumber" } },
      },
    });
    const acme = await Organisation.make(
      cluster,
      "said",
      { kind: "Store", name: "directory", spec: { manual: { entitlements: ["lab"] } } },
      target!,
      ...rest.map((each) =>
        each.kind === "AccessProfile"
          ? { ...each, spec: { target: { name: "people" }, entitlements: [{ name: "lab" }] } }
          : each,
      ),
      person("alice"),
    );
    organisations.push(acme);
    await acme.start();
    const wes = await worker("said", "wes");
    await say(wes, await task(acme, "Open"), { outcome: "Completed", by: "wes" });
    await task(acme, "Done");
    await acme.must("wait", "--for=condition=Ready", "--timeout=120s", "identity/alice");
    const accounts = await acme.must("get", "identity", "alice", "-o", "jsonpath={.status.accounts}");
    expect(JSON.parse(accounts)).toMatchObject([
      { target: "people", state: "Enabled", name: "alice", entitlements: 1 },
    ]);
  });
});

describe("rollcall task", () => {
  test("shows a cluster's tasks, and answers for them in the user's own name", async () => {
    const acme = await asking("cli", "alice");
    const walt = await worker("cli", "walt");
    const { metadata } = await task(acme, "Open");
    const run = (...words: string[]) => rollcall("task", ...words, "--kubeconfig", walt);
    expect((await run("list")).stdout).toMatch(
      new RegExp(
        `${metadata.name} +people +${dn("alice")} +create; grant lab +records@example.org +\\S+ +Open\n$`,
      ),
    );
    const part = metadata.name.slice(-8);
    expect((await run("show", part)).stdout).toContain(`  + grant   lab for ${dn("alice")} (alice)\n`);
    const unreasoned = await run("reject", part);
    expect(unreasoned).toMatchObject({ code: 2, stderr: expect.stringContaining("--reason TEXT") });
    const done = await run("complete", part);
    expect(done).toMatchObject({ code: 0, stdout: `Task ${metadata.name} is completed by walt.\n` });
    await task(acme, "Completed");
    await make(acme, "alice");
    await task(acme, "Done");
    expect((await run("list")).stdout).toBe("Nobody is asked to do anything.\n");
    expect((await run("list", "--all")).stdout).toContain("Done");
    expect(await run("show", "nothing-like-it")).toMatchObject({ code: 2 });
  });
});

/** Resolves when the target was looked at once more. */
async function passed(acme: Organisation): Promise<void> {
  const asked = `${await lastHandled(acme)}+`;
  await acme.must("annotate", "target", "people", "--overwrite", `rollcall.dev/requestedAt=${asked}`);
  await waitFor(async () => (await lastHandled(acme)) === asked, { what: "a pass" });
}

function lastHandled(acme: Organisation): Promise<string> {
  return acme.must("get", "target", "people", "-o", "jsonpath={.status.lastHandledRequestedAt}");
}
