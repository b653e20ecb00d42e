export type Verb = "GET" | "WATCH" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface SeenRequest {
  readonly verb: Verb;
  /** Path and query: `/api/v1/namespaces/acme/secrets?limit=500` */
  readonly url: string;
}

/** What goes wrong with a request. "Cut" is a connection or, in HTTP/2, a stream that is reset. */
export type Trouble =
  /** The API server is not asked; a `Status` of this code is the answer. `retryAfter` in seconds. */
  | { readonly kind: "Answer"; readonly status: number; readonly retryAfter?: number }
  /** For a watch, as the API server tells that its resourceVersion is too old: 200, then an ERROR event of this code, then the end. */
  | { readonly kind: "ErrorEvent"; readonly status: number }
  /** Passed on after so many milliseconds. */
  | { readonly kind: "Delay"; readonly milliseconds: number }
  /** Cut at once, and never passed on. */
  | { readonly kind: "Drop" }
  /** Neither passed on nor answered nor cut. */
  | { readonly kind: "Hang" }
  /** Done, and cut in the place of the answer: nobody knows that it was done. */
  | { readonly kind: "LoseAnswer" }
  /** Cut when so many bytes of the answer were passed on. */
  | { readonly kind: "Truncate"; readonly bytes: number }
  /** Cut so many milliseconds after the answer began: a watch is opened again and again. */
  | { readonly kind: "CutAfter"; readonly milliseconds: number };

/** Which requests a fault is for: all, where nothing is named. */
export interface RequestPattern {
  readonly verb?: Verb | readonly Verb[];
  readonly url?: RegExp;
}

export type Fault = RequestPattern & Trouble & { readonly times?: number };

export function matches({ verb, url }: RequestPattern, request: SeenRequest): boolean {
  const verbs: readonly Verb[] = verb === undefined ? [request.verb] : [verb].flat();
  return verbs.includes(request.verb) && (url?.test(request.url) ?? true);
}

export function verbOf(method: string, url: string): Verb {
  return method === "GET" && /[?&]watch=(?:true|1)\b/.test(url) ? "WATCH" : (method as Verb);
}

/** A failure as the API server says it: `metav1.Status`. */
export function failure(status: number, retryAfter?: number): string {
  return JSON.stringify({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `a fault of the test: ${status}`,
    reason: reasons[status],
    ...(retryAfter !== undefined && { details: { retryAfterSeconds: retryAfter } }),
    code: status,
  });
}

const reasons: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};
