import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "./api.ts";

export interface RetryOptions {
  readonly signal?: AbortSignal;
  /** How often it is tried at most. Default 5: about eight seconds. */
  readonly tries?: number;
}

/**
 * Calls again what may succeed another time: no answer, 429, and the server's own errors. To be used for what does no harm when it is
 * done twice. Waits half a second, then twice as long each time, or as long as the server asks for; spread, so that many do not come at once.
 */
export async function retrying<T>(
  call: () => Promise<T>,
  { signal, tries = 5 }: RetryOptions = {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || failures >= tries) throw error;
      await sleep(delayAfter(failures, error), undefined, signal && { signal });
    }
  }
}

/** Whether the same request may succeed later, nobody having done anything. */
export function isPassing(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

/** Milliseconds: 0.5 s doubled up to 30 s, spread over its upper half; never less than what the server asks for. */
export function delayAfter(failures: number, error: unknown): number {
  const whole = Math.min(30_000, 500 * 2 ** Math.min(failures - 1, 10));
  const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
  return Math.max(asked, whole / 2) + (Math.random() * whole) / 2;
}
