import { type Dispatcher, request as send } from "undici";
import { ApiError, type ApiRequest } from "./api.ts";
import { askedBy, cannot, cureOf } from "./asked.ts";
import type { Access } from "./credentials.ts";

/** An answer whose body is still on its way. */
export interface Exchange {
  readonly response: Dispatcher.ResponseData;
  /** Starts the time anew, for a body that has no end. */
  alive(): void;
  /** What to throw for an error that came while the body was read: an `ApiError`, or the reason of the request's own signal. */
  fault(error: unknown): unknown;
  /** To be called once the body was read or given up. */
  end(): void;
}

/**
 * Sends a request, once. Throws an `ApiError` of status 0 when no answer comes, and the signal's own reason when that is aborted.
 * `onSilence` is called when the time is up: the connection may be dead.
 */
export async function exchange(
  request: ApiRequest,
  access: Access,
  onSilence: () => void,
): Promise<Exchange> {
  const { signal, timeout = 30_000 } = request;
  signal?.throwIfAborted();
  const given = new AbortController();
  const abort = () => given.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => {
    given.abort(new ApiError(0, "Timeout", `${cannotOf(request)}: no answer within ${timeout} ms`));
    onSilence();
  }, timeout);
  const bury = () =>
    given.abort(new ApiError(0, "Unreachable", `${cannotOf(request)}: its connection is dead`));
  if (request.query?.watch === true) access.dead.addEventListener("abort", bury, { once: true });
  const end = () => {
    clearTimeout(timer);
    access.dead.removeEventListener("abort", bury);
    signal?.removeEventListener("abort", abort);
  };
  const fault = (error: unknown) =>
    given.signal.aborted ? given.signal.reason : unreachable(request, access, error);
  try {
    const response = await send(urlOf(request, access.server), {
      dispatcher: access.dispatcher,
      method: request.method,
      headers: headersOf(request, access),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: given.signal,
    });
    return { response, end, fault, alive: () => timer.refresh() };
  } catch (error) {
    end();
    throw fault(error);
  }
}

/** `cannot list identities.rollcall.dev in namespace acme` */
export function cannotOf({ method, path, query }: ApiRequest): string {
  return cannot(askedBy(method, path, query?.watch === true));
}

/** An answer of 400 and above. See `metav1.Status`. */
export function refusal(request: ApiRequest, response: Dispatcher.ResponseData, body: string): ApiError {
  const { statusCode: status, headers } = response;
  const asked = askedBy(request.method, request.path, request.query?.watch === true);
  const { message, reason, details } = statusIn(body);
  const seconds = Number(headers["retry-after"] ?? details?.retryAfterSeconds ?? Number.NaN);
  const words = message ?? (body.trim().slice(0, 200) || "no reason is given");
  return new ApiError(
    status,
    reason ?? `Status${status}`,
    `${cannot(asked)}: ${words} (${status})${cureOf(status, asked)}`,
    { retryAfter: Number.isFinite(seconds) ? seconds * 1000 : undefined },
  );
}

interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** A proxy in between answers in HTML. */
function statusIn(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === "object" ? (value as Status) : {};
  } catch {
    return {};
  }
}

function unreachable(request: ApiRequest, { server }: Access, error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const why = cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
  return new ApiError(0, "Unreachable", `${cannotOf(request)}: no answer from ${server}: ${why}`, { cause });
}

function urlOf({ path, query = {} }: ApiRequest, server: string): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  // A server may have a path of its own, as behind Rancher.
  return `${server.replace(/\/$/, "")}${path}${search.size === 0 ? "" : `?${search}`}`;
}

function headersOf(request: ApiRequest, { headers }: Access) {
  const { body, contentType = "application/json", accept = "application/json" } = request;
  return {
    ...headers,
    accept,
    "user-agent": "rollcall",
    ...(body !== undefined && { "content-type": contentType }),
  };
}
