import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { CallName, Wrapper } from "./wrapper.ts";

/** `Broken`: it threw something other than a `StoreError`. */
export type CallStatus = "ok" | StoreErrorKind | "Broken";

/** Tells of each call how it ended and how many milliseconds it took, its consumer's time included where it answers in pages. */
export function measure(
  tell: (call: CallName, status: CallStatus, milliseconds: number) => void,
  clock: Pick<Clock, "now">,
): Wrapper {
  const statusOf = (error: unknown): CallStatus => (error instanceof StoreError ? error.kind : "Broken");
  return {
    async answer(name, call, next) {
      const start = clock.now();
      let status: CallStatus = "ok";
      try {
        return await next(call);
      } catch (error) {
        status = statusOf(error);
        throw error;
      } finally {
        tell(name, status, clock.now() - start);
      }
    },
    async *pages(name, call, next) {
      const start = clock.now();
      let status: CallStatus = "ok";
      try {
        yield* next(call);
      } catch (error) {
        status = statusOf(error);
        throw error;
      } finally {
        tell(name, status, clock.now() - start);
      }
    },
  };
}
