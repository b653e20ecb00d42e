/** Why a request is not answered: what the client is told, and nothing else. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The status code (RFC 9110 §15). */
  readonly code: number;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: number, message: string, retryAfter?: number) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  429: "TooManyRequests",
  503: "ServiceUnavailable",
};

/** As the Kubernetes API says it (meta/v1 Status), for clients that know that. */
export function statusOf({ code, message }: Pick<Refusal, "code" | "message">): unknown {
  const reason = reasons[code] ?? "InternalError";
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}
