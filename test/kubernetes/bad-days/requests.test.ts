import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ClusterApi } from "../../../src/resources/kubernetes/api.ts";
import { openCluster } from "../../../src/resources/kubernetes/open-cluster.ts";
import { retrying } from "../../../src/resources/kubernetes/retry.ts";
import { type Cluster, startCluster } from "../../support/kubernetes/cluster.ts";
import { type FaultProxy, startFaultProxy } from "../../support/kubernetes/fault-proxy.ts";
import { waitFor } from "../../support/wait.ts";

let cluster: Cluster;
let token: string;
let proxy: FaultProxy;
let api: ClusterApi;

beforeAll(async () => {
  cluster = await startCluster();
  token = await cluster.administratorToken();
});
afterAll(() => cluster?.stop());
beforeEach(async () => {
  proxy = await startFaultProxy(cluster);
  api = await openCluster({ kubeconfig: await proxy.kubeconfigFor({ token }), environment: {} });
});
afterEach(async () => {
  await api.close();
  await proxy.close();
});

const path = "/api/v1/namespaces/default/configmaps";
const list = (timeout?: number) => api.request({ method: "GET", path, ...(timeout && { timeout }) });
const create = (name: string) => api.request({ method: "POST", path, body: { metadata: { name } } });
const exists = async (name: string) => (await cluster.kubectl(["get", "configmap", name])).code === 0;

describe("a request", () => {
  test.each([
    [409, "Conflict"],
    [410, "Expired"],
    [429, "TooManyRequests"],
    [500, "InternalError"],
    [503, "ServiceUnavailable"],
  ])("that is answered with %i is not tried again by itself, and says %s", async (status, reason) => {
    proxy.fail({ kind: "Answer", status });
    await expect(list()).rejects.toMatchObject({ name: "ApiError", status, reason });
    expect(proxy.count()).toBe(1);
  });

  test("says when the server wants to be asked again", async () => {
    proxy.fail({ kind: "Answer", status: 429, retryAfter: 7 });
    await expect(list()).rejects.toMatchObject({ retryAfter: 7_000 });
  });

  test("that was done, though its answer is lost, is not sent twice", async () => {
    proxy.fail({ kind: "LoseAnswer", verb: "POST" });
    await expect(create("once")).rejects.toMatchObject({ status: 0 });
    expect(proxy.count({ verb: "POST" })).toBe(1);
    expect(await exists("once")).toBe(true);
  });

  test("has no part of an answer for all of it", async () => {
    proxy.fail({ kind: "Truncate", bytes: 50 });
    await expect(list()).rejects.toMatchObject({ status: 0 });
  });

  test("that is not answered ends when its time is up, and keeps no other waiting", async () => {
    proxy.fail({ kind: "Hang", url: /limit=1/, times: 1 });
    const unanswered = api.request({ method: "GET", path, query: { limit: 1 }, timeout: 1_000 });
    const [first, second] = await Promise.allSettled([unanswered, list()]);
    expect(first).toMatchObject({ reason: { status: 0, reason: "Timeout" } });
    expect(second.status).toBe("fulfilled");
    expect(await list()).toMatchObject({ kind: "ConfigMapList" });
  });

  test("finds the API server again after it was killed", async () => {
    await list();
    await cluster.kill();
    await expect(list()).rejects.toMatchObject({ status: 0 });
    await cluster.restart();
    expect(await list()).toMatchObject({ kind: "ConfigMapList" });
  });

  test("that does no harm when it is sent again is, until it is answered", async () => {
    proxy.fail({ kind: "Answer", status: 500, times: 1 });
    proxy.fail({ kind: "Drop", times: 1 });
    expect(await retrying(() => list())).toMatchObject({ kind: "ConfigMapList" });
    expect(proxy.count()).toBe(3);
  });
});

describe("a watch", () => {
  /** What it has told, and how it ended. */
  function watch(signal?: AbortSignal) {
    const told: unknown[] = [];
    const follow = async () => {
      for await (const event of api.watch({ path, ...(signal && { signal }) })) told.push(event);
      return "ended";
    };
    return { told, end: follow().catch((error: unknown) => error) };
  }

  test("ends when the server ends it, and fails when it is cut", async () => {
    await create("there");
    const one = watch();
    await waitFor(() => one.told.length > 0);
    proxy.endWatches("End");
    expect(await one.end).toBe("ended");
    const other = watch();
    await waitFor(() => other.told.length > 0);
    proxy.endWatches("Cut");
    expect(await other.end).toMatchObject({ name: "ApiError", status: 0 });
  });

  test("fails where it is cut in the middle of an event", async () => {
    proxy.fail({ kind: "Truncate", bytes: 20 });
    const { told, end } = watch();
    expect(await end).toMatchObject({ name: "ApiError", status: 0 });
    expect(told).toEqual([]);
  });

  test("goes on beside requests that fail", async () => {
    const stop = new AbortController();
    const { told, end } = watch(stop.signal);
    await waitFor(() => told.length > 0);
    proxy.fail({ kind: "Hang", verb: "GET", url: /configmaps/, times: 1 });
    await expect(list(300)).rejects.toMatchObject({ reason: "Timeout" });
    await create("later");
    await waitFor(() => told.some((event) => JSON.stringify(event).includes('"name":"later"')));
    stop.abort(new Error("enough"));
    expect(await end).toMatchObject({ message: "enough" });
  });
});
