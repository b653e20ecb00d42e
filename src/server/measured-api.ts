import type { MetricName, Sample } from "../report/metrics.ts";
import { ApiError, type ApiRequest, type ClusterApi } from "../resources/kubernetes/api.ts";

/** The same API server, with what it is asked for counted: requests, lists, watches and how they end, writes of statuses. */
export function measuredApi(api: ClusterApi, count: (sample: Sample) => void): ClusterApi {
  const add = (metric: MetricName, labels: Sample["labels"]) => count({ metric, labels, value: 1 });
  const answered = (method: string, error?: unknown) =>
    add("rest_client_requests_total", { code: codeOf(error), method });
  const { place, namespace } = api;
  return {
    place,
    namespace,
    token: () => api.token(),
    close: () => api.close(),
    async request(request) {
      const { resource, isList, isStatusWrite } = wants(request);
      if (isList) add("reflector_lists_total", { name: resource });
      try {
        const answer = await api.request(request);
        answered(request.method);
        if (isStatusWrite) add("rollcall_status_writes_total", { resource, result: "Done" });
        return answer;
      } catch (error) {
        answered(request.method, error);
        if (isStatusWrite) add("rollcall_status_writes_total", { resource, result: resultOf(error) });
        throw error;
      }
    },
    async *watch(request) {
      const { resource } = wants({ ...request, method: "GET" });
      add("reflector_watches_total", { name: resource });
      const failed = (reason: string) => add("rollcall_watch_errors_total", { resource, reason });
      try {
        for await (const event of api.watch(request)) {
          const reason = errorIn(event);
          if (reason !== undefined) failed(reason);
          yield event;
        }
        answered("GET");
      } catch (error) {
        if (!request.signal?.aborted) {
          answered("GET", error);
          failed(error instanceof ApiError ? error.reason : "Unknown");
        }
        throw error;
      }
    },
  };
}

/** As client-go has them, but that of all that went well only that is known. */
function codeOf(error: unknown): string {
  if (error === undefined) return "2xx";
  return error instanceof ApiError && error.status > 0 ? String(error.status) : "<error>";
}

function resultOf(error: unknown): "Conflict" | "Failed" {
  return error instanceof ApiError && error.status === 409 ? "Conflict" : "Failed";
}

/** What a request is about. A list's later pages belong to the list. */
function wants({ method, path, query }: ApiRequest) {
  const {
    resource = "",
    name,
    subresource,
  } = /^\/api(?:s\/[^/]+)?\/[^/]+\/(?:namespaces\/[^/]+\/)?(?<resource>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<subresource>[^/]+))?)?$/.exec(
    path,
  )?.groups ?? {};
  return {
    resource,
    isList: method === "GET" && resource !== "" && name === undefined && query?.continue === undefined,
    isStatusWrite: method === "PATCH" && subresource === "status",
  };
}

/** The reason of an error that a watch tells of as its last event: `Expired`. */
function errorIn(event: unknown): string | undefined {
  const { type, object } = Object(event) as { type?: unknown; object?: { reason?: unknown } };
  return type === "ERROR" ? String(object?.reason ?? "Unknown") : undefined;
}
