import { expect, test } from "vitest";
import type { Metric, Sample } from "../report/metrics.ts";
import { metrics } from "../report/metrics.ts";
import { ApiError, type ApiRequest, type ClusterApi } from "../resources/kubernetes/api.ts";
import { measuredApi } from "./measured-api.ts";

const identities = "/apis/rollcall.dev/v1alpha1/namespaces/acme/identities";

/** An API server that answers so, and what is counted of it: `metric label label`. */
function apiThat(answers: Partial<ClusterApi>) {
  const counted: string[] = [];
  const silent: ClusterApi = {
    place: "",
    namespace: "acme",
    request: async () => ({}),
    watch: async function* () {},
    token: async () => undefined,
    close: async () => {},
  };
  const count = ({ metric, labels }: Sample) => {
    const { labels: registered }: Metric = metrics[metric];
    expect(Object.keys(labels).sort()).toEqual([...registered].sort());
    counted.push([metric, ...Object.values(labels)].join(" "));
  };
  return { api: measuredApi({ ...silent, ...answers }, count), counted };
}

async function drain(api: ClusterApi, request: Omit<ApiRequest, "method"> = { path: identities }) {
  const seen: unknown[] = [];
  for await (const event of api.watch(request)) seen.push(event);
  return seen;
}

test("a list is counted once, however many pages it has", async () => {
  const { api, counted } = apiThat({});
  await api.request({ method: "GET", path: identities, query: { limit: 500 } });
  await api.request({ method: "GET", path: identities, query: { limit: 500, continue: "abc" } });
  await api.request({ method: "GET", path: `${identities}/alice` });
  expect(counted.filter((line) => line.startsWith("reflector"))).toEqual([
    "reflector_lists_total identities",
  ]);
  expect(counted.filter((line) => line === "rest_client_requests_total 2xx GET")).toHaveLength(3);
});

test.each([
  [undefined, "Done", "2xx"],
  [new ApiError(409, "Conflict", ""), "Conflict", "409"],
  [new ApiError(500, "InternalError", ""), "Failed", "500"],
  [new ApiError(0, "Unreachable", ""), "Failed", "<error>"],
])("a status write that ended in %s is %s", async (error, result, code) => {
  const { api, counted } = apiThat({ request: async () => (error ? Promise.reject(error) : {}) });
  const written = api.request({ method: "PATCH", path: `${identities}/alice/status` });
  await (error ? expect(written).rejects.toBe(error) : written);
  expect(counted).toEqual([
    `rest_client_requests_total ${code} PATCH`,
    `rollcall_status_writes_total identities ${result}`,
  ]);
});

test("no object's name is in what is counted", async () => {
  const { api, counted } = apiThat({});
  await api.request({ method: "PATCH", path: `${identities}/alice/status` });
  await api.request({ method: "GET", path: `${identities}/alice` });
  expect(counted.join()).not.toContain("alice");
});

test("a watch hands on what it is told, and counts the moment it can no longer go on from", async () => {
  const events = [
    { type: "ADDED", object: {} },
    { type: "ERROR", object: { code: 410, reason: "Expired" } },
  ];
  const { api, counted } = apiThat({
    watch: async function* () {
      yield* events;
    },
  });
  expect(await drain(api)).toEqual(events);
  expect(counted).toEqual([
    "reflector_watches_total identities",
    "rollcall_watch_errors_total identities Expired",
    "rest_client_requests_total 2xx GET",
  ]);
});

test("a watch that breaks off is counted, one that we end ourselves is not", async () => {
  const error = new ApiError(0, "Unreachable", "");
  const { api, counted } = apiThat({
    watch: async function* () {
      yield* [];
      throw error;
    },
  });
  await expect(drain(api)).rejects.toBe(error);
  expect(counted).toContain("rollcall_watch_errors_total identities Unreachable");
  counted.length = 0;
  await expect(drain(api, { path: identities, signal: AbortSignal.abort() })).rejects.toBe(error);
  expect(counted).toEqual(["reflector_watches_total identities"]);
});
