import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import type { Fault } from "../../support/kubernetes/fault.ts";
import { type FaultProxy, startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { writeKubeconfig } from "../../support/kubernetes/kubeconfig.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { churn, configMapsOf, type Follower, follow, sameObjects, touch, truth } from "./follower.ts";

let cluster: Cluster;
let token: string;
let direct: ClusterApi;
let proxy: FaultProxy;
let api: ClusterApi;
let namespace: string;
let number = 0;

beforeAll(async () => {
  cluster = await startCluster();
  token = await cluster.administratorToken();
  direct = await openCluster({ kubeconfig: cluster.kubeconfig, environment: {} });
});
afterAll(async () => {
  await direct?.close();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.namespace(`bad-day-${++number}`);
  await touch(direct, namespace, "steady", "first");
  proxy = await startFaultProxy(cluster);
  api = await openCluster({ kubeconfig: await proxy.kubeconfigFor({ token }), environment: {} });
});
afterEach(async () => {
  await api.close();
  await proxy.close();
});

/** Somebody of the namespace, through the proxy, who may read ConfigMaps only while allowed. */
async function readerOf(namespace: string) {
  await cluster.kubectl(["create", "serviceaccount", "reader", "-n", namespace]);
  const rights = ["--verb=list,watch", "--resource=configmaps", "-n", namespace];
  await cluster.kubectl(["create", "role", "reader", ...rights]);
  const token = await cluster.serviceAccountToken(namespace, "reader");
  const kubeconfig = await proxy.kubeconfigFor({ token }, namespace);
  const binding = ["rolebinding", "reader", "-n", namespace];
  const who = ["--role=reader", `--serviceaccount=${namespace}:reader`];
  return {
    reader: await openCluster({ kubeconfig, environment: {} }),
    allow: () => cluster.kubectl(["create", ...binding, ...who]),
    forbid: () => cluster.kubectl(["delete", ...binding]),
  };
}

/** Nothing was lost: it has what the API server has, and never took for gone what was there all the time. */
async function caughtUp(follower: Follower): Promise<void> {
  const expected = await truth(direct, configMapsOf(namespace));
  await waitFor(() => follower.synced && sameObjects(follower.seen, expected), {
    what: `the follower has seen ${[...expected.keys()]}`,
  });
  expect(follower.missed).not.toContain("steady");
}

const watching = async () => {
  const before = proxy.count({ verb: "WATCH" });
  const follower = follow(api, configMapsOf(namespace));
  await waitFor(() => proxy.count({ verb: "WATCH" }) > before, { what: "it watches" });
  return follower;
};

test("sees every change while each watch is cut after a moment", async () => {
  proxy.fail({ kind: "CutAfter", milliseconds: 100, verb: "WATCH" });
  await using follower = await watching();
  await churn(direct, namespace, 60);
  await waitFor(() => proxy.count({ verb: "WATCH" }) > 3);
  await caughtUp(follower);
  expect(proxy.count({ verb: "GET" })).toBe(1);
});

test("goes on where it was when a watch has ended in good order", async () => {
  await using follower = await watching();
  for (let time = 0; time < 5; time++) {
    await touch(direct, namespace, `change-${time}`, "made");
    await waitFor(() => follower.seen.has(`change-${time}`));
    await waitFor(() => proxy.endWatches("End") > 0);
  }
  await caughtUp(follower);
  expect(proxy.count({ verb: "GET" })).toBe(1);
  expect(follower.troubles).toEqual([]);
});

const asked = { verb: ["GET", "WATCH"] } as const;

test.each<Fault>([
  { kind: "Answer", status: 429, ...asked, times: 4 },
  { kind: "Answer", status: 500, ...asked, times: 4 },
  { kind: "Answer", status: 503, ...asked, times: 4 },
  { kind: "Answer", status: 410, ...asked, times: 4 },
  { kind: "Answer", status: 401, ...asked, times: 4 },
  { kind: "Drop", ...asked, times: 4 },
  { kind: "Truncate", bytes: 100, ...asked, times: 4 },
  { kind: "Delay", milliseconds: 200, ...asked, times: 4 },
  { kind: "ErrorEvent", status: 410, verb: "WATCH", times: 4 },
  { kind: "ErrorEvent", status: 500, verb: "WATCH", times: 4 },
  { kind: "Answer", status: 409, ...asked, times: 4 },
])("catches up after lists and watches met %o", async (fault) => {
  await using follower = await watching();
  proxy.fail(fault);
  proxy.endWatches("Cut");
  await churn(direct, namespace, 10);
  await caughtUp(follower);
  await using newcomer = await watching();
  await caughtUp(newcomer);
});

test("waits longer and longer while each watch is said to be too late, and does not ask for everything without a rest", async () => {
  proxy.fail({ kind: "ErrorEvent", status: 410, verb: "WATCH" });
  await using follower = follow(api, configMapsOf(namespace));
  await waitFor(() => follower.waits.includes(3));
});

test("reads everything anew where the API server has forgotten what came since", async () => {
  await using follower = await watching();
  proxy.refuse();
  await churn(direct, namespace, 10);
  await cluster.restart(); // Its memory of what has changed begins anew.
  await churn(direct, namespace, 10);
  proxy.heal();
  await caughtUp(follower);
  expect(follower.troubles).toContainEqual(expect.objectContaining({ status: 410 }));
});

test("goes on when the API server was killed and is back", async () => {
  await using follower = await watching();
  await cluster.kill();
  await waitFor(() => follower.troubles.length > 2);
  expect(follower.missed).toEqual(new Set());
  await cluster.restart();
  await churn(direct, namespace, 10);
  await caughtUp(follower);
});

test("takes no part of a long list for all of it", async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `many-${index}`);
  const path = configMapsOf(namespace);
  const create = (name: string) => direct.request({ method: "POST", path, body: { metadata: { name } } });
  await Promise.all(names.map(create));
  proxy.fail({ kind: "Answer", status: 410, url: /continue=/, times: 1 });
  await using follower = await watching();
  await caughtUp(follower);
  const again = { kind: "Answer", status: 500, url: /continue=/, times: 3 } as const;
  proxy.fail(again);
  proxy.fail({ kind: "ErrorEvent", status: 410, verb: "WATCH", times: 1 });
  proxy.endWatches("End");
  await waitFor(() => follower.troubles.length > 4);
  await caughtUp(follower);
  expect(follower.missed).toEqual(new Set());
});

test("keeps what it has while it may not read, and goes on once it may", async () => {
  const { reader, allow, forbid } = await readerOf(namespace);
  onTestFinished(() => reader.close());
  await allow();
  await using follower = follow(reader, configMapsOf(namespace));
  await waitFor(() => follower.synced);
  await forbid();
  await waitFor(() => proxy.endWatches("End") === 0 && follower.refused);
  await churn(direct, namespace, 3);
  expect([...follower.seen.keys()]).toEqual(["steady"]);
  await allow();
  await caughtUp(follower);
});

test("a connection that a firewall has forgotten is given up once a request there is not answered, its watches too", async () => {
  const wire = await startTcpProxy(Number(new URL(cluster.url).port));
  onTestFinished(() => wire.close());
  const url = `https://127.0.0.1:${wire.port}`;
  const kubeconfig = await writeKubeconfig(cluster.folder, {
    url,
    caFile: cluster.ca.path,
    credentials: { token },
  });
  const wired = await openCluster({ kubeconfig, environment: {} });
  onTestFinished(() => wired.close());
  await using follower = follow(wired, configMapsOf(namespace));
  await caughtUp(follower);
  wire.forget();
  await touch(direct, namespace, "steady", "later");
  const silent = wired.request({ method: "GET", path: configMapsOf(namespace), timeout: 500 });
  await expect(silent).rejects.toMatchObject({ reason: "Timeout" });
  await caughtUp(follower);
});
