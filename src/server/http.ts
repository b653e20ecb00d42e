import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Endpoints {
  /** Undefined when ready; else what is waited for. */
  readonly notReady: () => string | undefined;
  readonly metrics: () => Promise<string>;
  readonly metricsType: string;
}

export interface HttpServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves /healthz, /readyz and /metrics. `host:port`; port 0 is any that is free. Rejects when it cannot listen there. */
export async function serveHttp(
  listen: { host: string; port: number },
  endpoints: Endpoints,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, response, endpoints).catch(() => send(response, 500, "failed\n"));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(listen.port, listen.host, resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
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
