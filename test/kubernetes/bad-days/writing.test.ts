import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { Publisher } from "../../../src/resources/kubernetes/publisher.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import type { Fault } from "../../support/kubernetes/fault.ts";
import { type FaultProxy, startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { type Follower, follow, truth } from "./follower.ts";

const names = Array.from({ length: 20 }, (_, index) => `role-${index}`);

let cluster: Cluster;
let token: string;
let direct: ClusterApi;
let proxy: FaultProxy;
let api: ClusterApi;
let path: string;
let namespace: string;
let follower: Follower;
let publisher: Publisher;
let refused: Error[];
let number = 0;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.installCrds();
  token = await cluster.administratorToken();
  direct = await openCluster({ kubeconfig: cluster.kubeconfig, environment: {} });
});
afterAll(async () => {
  await direct?.close();
  await cluster?.stop();
});
beforeEach(async () => {
  namespace = await cluster.namespace(`bad-day-${++number}`);
  path = `/apis/rollcall.dev/v1alpha1/namespaces/${namespace}/businessroles`;
  await Promise.all(names.map(create));
  proxy = await startFaultProxy(cluster);
  api = await openCluster({ kubeconfig: await proxy.kubeconfigFor({ token }), environment: {} });
  follower = follow(api, path);
  await waitFor(() => follower.seen.size === names.length);
  refused = [];
  const told = { refused: (error: Error) => void refused.push(error) };
  publisher = new Publisher(api, { instance: "test", newId: randomUUID, ...told });
});
afterEach(async () => {
  publisher.close();
  await follower[Symbol.asyncDispose]();
  await api.close();
  await proxy.close();
});

async function create(name: string): Promise<void> {
  const body = { apiVersion: "rollcall.dev/v1alpha1", kind: "BusinessRole", metadata: { name }, spec };
  await direct.request({ method: "POST", path, body });
}
const spec = { profiles: ["mail"], match: "true" };

/** Has the status of all of them written, one that is told by its number. */
function publish(generation: number): void {
  for (const [name, { metadata }] of follower.seen) {
    publisher.status({
      object: { kind: "BusinessRole", namespace, name, uid: metadata.uid },
      status: { observedGeneration: generation },
      seen: () => follower.seen.get(name)?.metadata,
    });
  }
}

const statuses = async () =>
  [...(await truth(direct, path)).values()].map(({ status }) => status as { observedGeneration?: number });

async function expectWritten(generation: number): Promise<void> {
  await publisher.flush();
  expect(refused).toEqual([]);
  const written = { observedGeneration: generation };
  expect(await statuses()).toEqual(names.map(() => expect.objectContaining(written)));
}

test.each<Fault>([
  { kind: "Answer", status: 409, verb: "PATCH", times: 30 },
  { kind: "Answer", status: 429, verb: "PATCH", times: 2 },
  { kind: "Answer", status: 500, verb: "PATCH", times: 30 },
  { kind: "Answer", status: 503, verb: "PATCH", times: 2 },
  { kind: "Drop", verb: "PATCH", times: 2 },
  { kind: "LoseAnswer", verb: "PATCH", times: 2 },
  { kind: "Delay", milliseconds: 100, verb: "PATCH" },
])("all statuses arrive after writes met %o", async (fault) => {
  publish(1);
  await expectWritten(1);
  proxy.fail(fault);
  publish(2);
  await expectWritten(2);
});

test("all statuses arrive, the newest of each, when the API server was killed and is back", async () => {
  await cluster.kill();
  publish(1);
  publish(2);
  await waitFor(() => proxy.count({ verb: "PATCH" }) > 1);
  publish(3);
  await cluster.restart();
  await expectWritten(3);
});

test("statuses arrive while somebody else writes to the same objects, and what is theirs stays", async () => {
  const annotate = (name: string, value: number) =>
    direct.request({
      method: "PATCH",
      path: `${path}/${name}`,
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations: { theirs: `${value}` } } },
    });
  for (let round = 1; round <= 10; round++) {
    publish(round);
    await Promise.all(names.map((name) => annotate(name, round)));
  }
  await expectWritten(10);
  for (const { metadata } of (await truth(direct, path)).values()) {
    expect(metadata).toMatchObject({ annotations: { theirs: "10" } });
  }
});

test("an object that was made anew meanwhile does not get the status of the one before", async () => {
  proxy.refuse();
  publish(1);
  await Promise.all(names.map((name) => direct.request({ method: "DELETE", path: `${path}/${name}` })));
  await Promise.all(names.map(create));
  proxy.heal();
  await publisher.flush();
  expect(await statuses()).toEqual(names.map(() => undefined));
});

test("a status that says what is written already makes no new version", async () => {
  publish(1);
  await expectWritten(1);
  const before = await truth(direct, path);
  publish(1);
  await publisher.flush();
  expect(await truth(direct, path)).toEqual(before);
});
