import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { company, person } from "../../support/company.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import type { Fault } from "../../support/kubernetes/fault.ts";
import { type FaultProxy, startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { installRelease, Organisation, releaseNamespace } from "../../support/kubernetes/organisation.ts";
import type { ControllerProcess } from "../../support/rollcall-process.ts";
import { waitFor } from "../../support/wait.ts";

/** The controller's bad days with its API server: it ends by itself on none, loses no change, and touches nobody wrongly. */

const quick = { limits: { settle: "1s" }, schedule: { every: "1h" } };
const staff = ["alice", "bob", "carol"];
const namespaces = Array.from({ length: 20 }, (_, index) => `bad-day-${index}`);

let cluster: Cluster;
let proxy: FaultProxy;
let tokenFile: string;
let organisation: Organisation;
let controller: ControllerProcess | undefined;
let number = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await installRelease(cluster, namespaces);
});
afterAll(() => cluster?.stop());

beforeEach(async () => {
  proxy = await startFaultProxy(cluster);
  organisation = await Organisation.make(cluster, namespaces[number++]!);
  await organisation.apply(...company(quick), ...staff.map((name) => person(name)));
  tokenFile = organisation.at("token");
  await renewToken();
});
afterEach(async () => {
  proxy.heal();
  // In good order, so that the next need not wait until the Lease runs out. 0: it did not end by itself before.
  expect(await controller?.end("SIGTERM")).toBe(0);
  controller = undefined;
  await organisation[Symbol.asyncDispose]();
  await proxy.close();
});

async function renewToken(): Promise<void> {
  await writeFile(tokenFile, await cluster.serviceAccountToken(releaseNamespace, "rollcall"));
}

async function start(): Promise<ControllerProcess> {
  controller = organisation.startAs(await proxy.kubeconfigFor({ tokenFile }, releaseNamespace));
  return controller;
}

async function atWork(): Promise<ControllerProcess> {
  const started = await start();
  await organisation.haveAccounts(...staff);
  await told("alice");
  return started;
}

/** Resolves when kubectl shows this person's account. */
async function told(name: string): Promise<void> {
  await organisation.must("wait", "--for=condition=Ready", "--timeout=120s", `identity/${name}`);
}

/** Somebody comes and somebody leaves, and all of it is done and told; the others are as they were. */
async function lifeGoesOn(): Promise<void> {
  const others = await Promise.all(["bob", "carol"].map((name) => organisation.account(name)));
  await organisation.apply(person("erin"));
  await organisation.delete("identity/alice");
  await waitFor(
    async () => {
      const [alice, erin] = [await organisation.account("alice"), await organisation.account("erin")];
      return alice?.enabled === false && erin?.enabled === true;
    },
    { what: "alice has left and erin has come", timeout: 60_000 },
  );
  await told("erin");
  expect(await Promise.all(["bob", "carol"].map((name) => organisation.account(name)))).toEqual(others);
}

test("does its work while each watch is cut after half a second", async () => {
  proxy.fail({ kind: "CutAfter", milliseconds: 500, verb: "WATCH" });
  await atWork();
  await lifeGoesOn();
});

describe("goes on, and catches up,", () => {
  test.each<[string, Fault]>([
    ["a slow API server", { kind: "Delay", milliseconds: 300 }],
    ["an API server that fails one time in a while", { kind: "Answer", status: 500, times: 20 }],
    ["one that is overrun", { kind: "Answer", status: 429, retryAfter: 1, times: 10 }],
    ["connections that break", { kind: "Drop", times: 20 }],
    ["answers that break off", { kind: "Truncate", bytes: 100, verb: ["GET", "WATCH"], times: 8 }],
    ["watches that are too late", { kind: "ErrorEvent", status: 410, verb: "WATCH", times: 20 }],
    ["writes that meet another's", { kind: "Answer", status: 409, verb: ["PATCH", "PUT"], times: 10 }],
  ])("with %s", async (_, fault) => {
    await atWork();
    proxy.fail(fault);
    proxy.endWatches("Cut");
    await lifeGoesOn();
  });

  test("after the API server was away for longer than its Lease lasts", async () => {
    const { lines } = await atWork();
    const before = await organisation.store();
    await cluster.kill();
    await waitFor(() => lines.some(({ msg }) => /no longer/.test(msg)), { what: "it no longer leads" });
    await cluster.restart();
    expect(await organisation.store()).toEqual(before);
    await lifeGoesOn();
  });

  test("with a token that took the place of one that is refused", async () => {
    await atWork();
    await renewToken();
    proxy.fail({ kind: "Answer", status: 401, times: 5 });
    proxy.endWatches("Cut");
    await lifeGoesOn();
  });
});

test("waits for an API server that is away at its start", async () => {
  proxy.refuse();
  const { lines } = await start();
  await waitFor(() => lines.some(({ level }) => level === "warn"), { what: "it says so" });
  proxy.heal();
  await organisation.haveAccounts(...staff);
});

test("works without a definition that is missing at its start, and takes it up once it is there", async () => {
  await cluster.kubectl(["delete", "crd", "grants.rollcall.dev"]);
  await start();
  await organisation.haveAccounts(...staff);
  await cluster.installCrds();
  const grant = { identity: { name: "sam" }, accessProfile: { name: "lab" } };
  await organisation.apply(person("sam", { department: "Sales" }), {
    kind: "Grant",
    name: "sam",
    spec: grant,
  });
  await waitFor(async () => (await members()).length === staff.length + 1, {
    what: "sam has what is granted",
    timeout: 60_000,
  });
});

/** Asks for a pass, and resolves when it is done. */
async function pass(): Promise<void> {
  const value = `${Date.now()}`;
  await organisation.must("annotate", "--overwrite", "target/people", `rollcall.dev/requestedAt=${value}`);
  const done = `--for=jsonpath={.status.lastHandledRequestedAt}=${value}`;
  await organisation.must("wait", done, "--timeout=120s", "target/people");
}

/** From now on the API server refuses to let it read a kind, by its plural; resolves when it knows. */
async function mayNotRead(plural: string): Promise<() => void> {
  const allow = proxy.fail({
    kind: "Answer",
    status: 403,
    verb: ["GET", "WATCH"],
    url: new RegExp(`/${plural}\\b`),
  });
  proxy.endWatches("Cut");
  const refusal = new RegExp(`cannot (?:list|watch) ${plural}.*403`);
  await waitFor(() => controller?.lines.some(({ error }) => refusal.test(String(error))), {
    what: `it may not read ${plural}`,
  });
  return allow;
}

describe("while it may not read one kind,", () => {
  test("the identities: takes nobody for gone", async () => {
    await atWork();
    const before = await organisation.store();
    const allow = await mayNotRead("identities");
    await organisation.delete("identity/alice");
    await pass();
    expect(await organisation.store()).toEqual(before);
    allow();
    await waitFor(async () => (await organisation.account("alice"))?.enabled === false, {
      what: "alice has left",
      timeout: 60_000,
    });
  });

  test("the roles: takes none for gone, goes by those it knows, and does the rest", async () => {
    await atWork();
    expect(await members()).toHaveLength(staff.length);
    await mayNotRead("businessroles");
    await organisation.delete("businessrole/research");
    await organisation.apply(person("erin"));
    await organisation.haveAccounts("erin");
    await pass();
    expect(await members()).toHaveLength(staff.length + 1);
  });
});

/** The anchors of who has the entitlement that the role gives. */
async function members(): Promise<string[]> {
  const { entitlements } = content.parse(await organisation.store());
  return entitlements.flatMap(({ members }) => members);
}
const content = z.object({ entitlements: z.array(z.object({ members: z.array(z.string()) })) });
