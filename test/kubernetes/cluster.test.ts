import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../support/kubernetes/cluster.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ controllerManager: true });
});
afterAll(() => cluster.stop());

test("lets its administrator look", async () => {
  const { stdout, code } = await cluster.kubectl(["get", "namespaces"]);
  expect(code).toBe(0);
  expect(stdout).toContain("kube-system");
});

test("serves Rollcall's kinds", async () => {
  await cluster.installCrds();
  const { stdout, code } = await cluster.kubectl(["get", "identities", "-A"]);
  expect({ stdout, code }).toEqual({ stdout: "", code: 0 });
});

test("gives a ServiceAccount a token that says who it is, and lets it do only what RBAC says", async () => {
  await cluster.namespace("tokens");
  await cluster.kubectl(["create", "serviceaccount", "rollcall", "-n", "tokens"]);
  const as = await cluster.serviceAccountKubeconfig("tokens", "rollcall");
  const who = await cluster.kubectl(["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"], { as });
  expect(who.stdout).toBe("system:serviceaccount:tokens:rollcall");
  const refused = await cluster.kubectl(["get", "secrets"], { as });
  expect(refused.stderr).toContain("Forbidden");
});

test("knows people and their groups by their certificates", async () => {
  const as = await cluster.user("alice", ["staff", "hr"]);
  const who = await cluster.kubectl(
    ["auth", "whoami", "-o", "jsonpath={.status.userInfo['username','groups']}"],
    { as },
  );
  expect(who.stdout).toBe('alice ["staff","hr","system:authenticated"]');
});

test("ends a namespace with all that is in it", async () => {
  await cluster.namespace("ending");
  await cluster.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: ending }\n");
  const { code } = await cluster.kubectl(["delete", "namespace", "ending", "--timeout=120s"]);
  expect(code).toBe(0);
});

test("counts the requests that change something", async () => {
  const before = await cluster.requests();
  await cluster.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: counted }\n");
  await cluster.kubectl(["delete", "configmap", "counted"]);
  const after = await cluster.requests();
  const more = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  expect([more("APPLY configmaps"), more("DELETE configmaps")]).toEqual([1, 1]);
});

test("comes back with its data on the same port after it was killed", async () => {
  await cluster.namespace("lasting");
  await cluster.kill();
  expect((await cluster.kubectl(["get", "namespaces"])).code).not.toBe(0);
  await cluster.restart();
  expect((await cluster.kubectl(["get", "namespace", "lasting"])).code).toBe(0);
});
