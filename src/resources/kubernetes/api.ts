export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/apis/rollcall.dev/v1alpha1/namespaces/acme/identities` */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** `application/json` where none is given. */
  readonly contentType?: string;
  /** `application/json` where none is given. */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole of a request, 30 s where none is given; for a watch, those in which something must arrive. */
  readonly timeout?: number;
}

export interface WatchRequest extends Omit<ApiRequest, "method" | "body"> {
  /** Called when the server has taken it: what changes from then on is told. */
  readonly opened?: () => void;
}

/** A cluster's API server, spoken to as one user. */
export interface ClusterApi {
  /** For people: the context and the server's URL. */
  readonly place: string;
  /** Of the context, or of the pod. */
  readonly namespace: string;
  /**
   * The parsed answer. Throws an `ApiError`, or the signal's reason. When the credentials are refused they are read anew and the
   * request is sent once more; apart from that nothing is tried again (see retry.ts).
   */
  request(request: ApiRequest): Promise<unknown>;
  /** What a watch tells, one JSON value at a time, until the server ends it. Throws as `request` does, at any time. */
  watch(request: WatchRequest): AsyncIterable<unknown>;
  /** The bearer token in use, if there is one: for tools that are started with the same credentials. */
  token(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A request that the API server did not answer as asked. The message names what was asked, the cause and the cure. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The server's word for it (`Conflict`, `Expired`, …), or ours where none came: `Unreachable`, `Timeout`, `Garbled`. */
  readonly reason: string;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfter?: number;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { retryAfter?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}
