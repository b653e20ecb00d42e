import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { signClient, signServer } from "../../support/certificates.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { writeKubeconfig } from "../../support/kubernetes/kubeconfig.ts";
import { waitFor } from "../../support/wait.ts";

let cluster: Cluster;
let proxy: FaultProxy;

/** Closed at the end: tests that run side by side have no end of their own. */
const opened: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(async () => {
  for (const each of opened) await each.close();
  await cluster?.stop();
});
beforeEach(async () => {
  proxy = await startFaultProxy(cluster);
});
afterEach(() => proxy.close());

async function open(kubeconfig: string): Promise<ClusterApi> {
  const api = await openCluster({ kubeconfig, environment: {} });
  opened.push(api);
  return api;
}

/** The name that the API server knows this user by. */
async function whoAmI(api: ClusterApi): Promise<string> {
  const answer = await api.request({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
  });
  return review.parse(answer).status.userInfo.username;
}
const review = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

async function tokenOf(name: string): Promise<string> {
  await cluster.kubectl(["create", "serviceaccount", name]);
  return cluster.serviceAccountToken("default", name);
}

describe("a token in a file", () => {
  test("that was rotated is read anew as soon as the API server refuses the old one", async () => {
    const tokenFile = join(proxy.folder, "token");
    await writeFile(tokenFile, await tokenOf("old"));
    const api = await open(await proxy.kubeconfigFor({ tokenFile }));
    expect(await whoAmI(api)).toBe("system:serviceaccount:default:old");
    await writeFile(tokenFile, await tokenOf("new"));
    proxy.fail({ kind: "Answer", status: 401, times: 1 });
    expect(await whoAmI(api)).toBe("system:serviceaccount:default:new");
  });

  test("that is no good, for all its being new, is refused with what to do", async () => {
    const tokenFile = join(proxy.folder, "token");
    await writeFile(tokenFile, "rubbish");
    const api = await open(await proxy.kubeconfigFor({ tokenFile }));
    await expect(whoAmI(api)).rejects.toMatchObject({ status: 401, message: /renew the token/ });
    expect(proxy.count()).toBe(2);
    await writeFile(tokenFile, await tokenOf("late"));
    expect(await whoAmI(api)).toBe("system:serviceaccount:default:late");
  });
});

// What files hold is looked at every ten seconds: the two are waited for together.
describe.concurrent("a certificate", () => {
  test("of the client that was rotated is shown without a restart", async () => {
    const [alice, bob] = await Promise.all([
      signClient(cluster.folder, "alice", "/CN=alice"),
      signClient(cluster.folder, "bob", "/CN=bob"),
    ]);
    const context = { url: cluster.url, caFile: cluster.ca.path, credentials: alice };
    const api = await open(await writeKubeconfig(cluster.folder, context));
    expect(await whoAmI(api)).toBe("alice");
    await copyFile(bob.certificateFile, alice.certificateFile);
    await copyFile(bob.keyFile, alice.keyFile);
    await waitFor(async () => (await whoAmI(api)) === "bob", { every: 200 });
  });

  test("of the API server that another authority signed is refused until that is trusted", async () => {
    const own = await startFaultProxy(cluster);
    opened.push(own);
    const token = await tokenOf("trusting");
    const api = await open(await own.kubeconfigFor({ token }));
    expect(await whoAmI(api)).toMatch(/trusting$/);
    await own.serve(await signServer(own.folder, "renewed", "other-ca"));
    own.cut();
    await expect(whoAmI(api)).rejects.toMatchObject({ status: 0, reason: "Unreachable" });
    await copyFile(own.otherCa.path, own.ca.path);
    await waitFor(() => whoAmI(api), { every: 200 });
  });
});

test("a certificate that the same authority renewed changes nothing", async () => {
  const api = await open(await proxy.kubeconfigFor({ token: await tokenOf("steady") }));
  expect(await whoAmI(api)).toMatch(/steady$/);
  await proxy.serve(await signServer(proxy.folder, "renewed"));
  proxy.cut();
  await waitFor(() => whoAmI(api));
});
