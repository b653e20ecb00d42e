import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { largestBody } from "./api-protocol.ts";
import { type ApiHandlers, routeOf } from "./api-routes.ts";
import { authorise, type Reviewer, remembering } from "./authorise.ts";
import { type CertificateFiles, followCertificate, readCertificate } from "./certificate.ts";
import { type HttpServer, type Listen, listenAt } from "./listen.ts";
import { Refusal, statusOf } from "./refusal.ts";
import { Turns } from "./turns.ts";

export interface ApiOptions {
  readonly listen: Listen;
  /** Absent: plain HTTP, on a loopback address alone. */
  readonly certificate?: CertificateFiles;
  readonly reviewer: Reviewer;
  readonly handlers: ApiHandlers;
  /** Milliseconds, of any clock that does not go back. */
  readonly now: () => number;
  /** Told of what went wrong that nobody is to blame for but us. */
  readonly failed: (error: Error) => void;
  /** Bytes of a body that are taken; `largestBody` where absent. */
  readonly largestBody?: number;
}

/** Plans and explanations that wait for their turn; one is made at a time, since each reads stores. */
const mostWaiting = 3;
/** Others at once, and how many of them wait. */
const lightPlaces = 8;
const lightWaiting = 64;
/** Who is being looked up at once: nobody drowns the API server in reviews by sending tokens that nobody has. */
const reviewPlaces = 8;
/** Milliseconds in which a request must have arrived whole, its body included. */
const arrivesWithin = 60_000;
const mostConnections = 128;

interface Api extends ApiOptions {
  readonly reviews: Turns;
  /** Those whose bodies are taken in: what waits takes memory. */
  readonly admitted: Turns;
  readonly heavy: Turns;
  readonly light: Turns;
}

/**
 * Serves the read API: what is planned, why somebody has what they have, how things stand, what was done. Each request carries a
 * token of the cluster; what its owner may see is the cluster's to say. Rejects when it cannot listen there, and refuses to listen
 * where others could without TLS.
 */
export async function serveApi(options: ApiOptions): Promise<HttpServer> {
  const { listen, certificate } = options;
  if (!certificate && !isLoopback(listen.host))
    throw new Error(
      `cannot serve the read API at ${listen.host} without TLS, tokens would go in the clear: give a certificate and its key, or listen at 127.0.0.1`,
    );
  const reviewer = remembering(options.reviewer, options.now);
  const api: Api = {
    ...options,
    reviewer,
    reviews: new Turns(reviewPlaces, mostConnections),
    admitted: new Turns(1 + mostWaiting, 0),
    heavy: new Turns(1, mostWaiting),
    light: new Turns(lightPlaces, lightWaiting),
  };
  const answer = (request: IncomingMessage, response: ServerResponse) => void serve(api, request, response);
  const limits = { requestTimeout: arrivesWithin, headersTimeout: 10_000, keepAliveTimeout: 5_000 };
  const secure = certificate && createHttpsServer({ ...limits, ...readCertificate(certificate) }, answer);
  const server = secure ?? createHttpServer(limits, answer);
  server.maxConnections = mostConnections;
  const { url, close } = await listenAt(server, listen, secure ? "https" : "http");
  const unfollow = secure && certificate && followCertificate(certificate, secure, options.failed);
  return {
    url,
    close() {
      unfollow?.();
      return close();
    },
  };
}

async function serve(api: Api, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort(new Error("nobody waits for the answer")));
  try {
    send(response, 200, await answerTo(api, request, gone.signal));
  } catch (error) {
    if (!gone.signal.aborted) sendError(api, response, error);
  }
}

async function answerTo(api: Api, request: IncomingMessage, signal: AbortSignal): Promise<unknown> {
  const route = routeOf(request.method ?? "", new URL(request.url ?? "/", "http://localhost"));
  const { authorization } = request.headers;
  await api.reviews.take(signal, () => authorise(api.reviewer, authorization, route.ask));
  if (!route.heavy) return api.light.take(signal, () => route.answer(api.handlers, undefined, signal));
  return api.admitted.take(signal, async () => {
    const body = route.hasBody ? await bodyOf(request, api.largestBody ?? largestBody) : undefined;
    return api.heavy.take(signal, () => route.answer(api.handlers, body, signal));
  });
}

async function bodyOf(request: IncomingMessage, most: number): Promise<unknown> {
  const tooLarge = new Refusal(413, `the body is larger than ${most} bytes: send only what changes`);
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
    throw new Refusal(415, "send the body as Content-Type: application/json");
  if (Number(request.headers["content-length"] ?? 0) > most) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLarge;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refusal(400, "the body is not valid JSON");
  }
}

/** What it was that failed is for the log: a message of ours may name what the asker is not to know. */
function sendError({ failed }: Api, response: ServerResponse, error: unknown): void {
  if (!(error instanceof Refusal)) failed(error instanceof Error ? error : new Error(String(error)));
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal(500, "it could not be answered: the controller's log says why");
  if (refusal.code === 401) response.setHeader("www-authenticate", "Bearer");
  if (refusal.retryAfter !== undefined) response.setHeader("retry-after", refusal.retryAfter);
  // What is left of a body is not read.
  response.setHeader("connection", "close");
  send(response, refusal.code, statusOf(refusal));
}

function send(response: ServerResponse, status: number, document: unknown): void {
  const body = Buffer.from(`${JSON.stringify(document)}\n`);
  const headers = { "content-type": "application/json", "content-length": body.length };
  response.writeHead(status, { ...headers, "cache-control": "no-store" });
  response.end(body);
}

function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  if (isIPv4(host)) return loopback.check(host);
  return isIPv6(host) && loopback.check(host, "ipv6");
}
