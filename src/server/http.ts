import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type HttpServer, type Listen, listenAt } from "./listen.ts";

export interface Endpoints {
  /** Undefined when ready; else what is waited for. */
  readonly notReady: () => string | undefined;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

/** Serves /healthz, /readyz and /metrics. `host:port`; port 0 is any that is free. Rejects when it cannot listen there. */
export function serveHttp(listen: Listen, endpoints: Endpoints): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, endpoints).catch(() => send(response, 500, "failed\n"));
  });
  return listenAt(server, listen);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  endpoints: Endpoints,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "only GET\n");
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/healthz") return send(response, 200, "ok\n");
  if (path === "/readyz") {
    const waits = endpoints.notReady();
    return waits === undefined ? send(response, 200, "ok\n") : send(response, 503, `not ready: ${waits}\n`);
  }
  if (path === "/metrics") return send(response, 200, await endpoints.metrics(), endpoints.metricsType);
  return send(response, 404, "there is /healthz, /readyz and /metrics\n");
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
