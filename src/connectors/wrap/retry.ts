import type { Call, Connector, Outcome, StoreChange } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { pause } from "./pause.ts";
import type { Wrapper } from "./wrapper.ts";

/** How often one kind of operation is tried. Delays in milliseconds: `first`, then double, up to `longest`, each jittered by half. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly first: number;
  readonly longest: number;
}

/** By kind of operation: creates, changes of what is there, deletes, and all that only reads. */
export interface RetryPolicies {
  readonly provision: RetryPolicy;
  readonly update: RetryPolicy;
  readonly deprovision: RetryPolicy;
  readonly aggregate: RetryPolicy;
}

type Refusal = Extract<Outcome, { ok: false }>;

/** After these nothing was done: a change is sent again. */
export const again: ReadonlySet<StoreErrorKind> = new Set(["Retryable", "RateLimited"]);
/** Reading twice harms nobody. */
export const readAgain: ReadonlySet<StoreErrorKind> = new Set([...again, "Unavailable"]);

/**
 * Tries again what certainly was not done: reads until their first page has come, and changes whose outcome says so. A change without
 * an outcome is in doubt and is never sent again. `random` gives numbers from 0 up to 1.
 */
export function retry(policies: RetryPolicies, clock: Clock, random: () => number): Wrapper {
  const waitFor = (error: StoreError, policy: RetryPolicy, attempt: number) => {
    const delay = Math.min(policy.longest, policy.first * 2 ** (attempt - 1));
    return Math.max(delay * (0.5 + random() / 2), error.retryAfter ?? 0);
  };
  const { aggregate } = policies;
  /** Waits, or throws the error where another attempt has no prospect. */
  const before = async (error: unknown, attempt: number, call: Call) => {
    if (!(error instanceof StoreError) || !readAgain.has(error.kind) || attempt >= aggregate.attempts)
      throw error;
    const wait = waitFor(error, aggregate, attempt);
    if (call.signal.aborted || clock.now() + wait > call.deadline) throw error;
    await pause(clock, wait, call);
  };

  return {
    async answer(_name, call, next) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await next(call);
        } catch (error) {
          await before(error, attempt, call);
        }
      }
    },

    async *pages(_name, call, next) {
      for (let attempt = 1; ; attempt++) {
        let begun = false;
        try {
          for await (const page of next(call)) {
            begun = true;
            yield page;
          }
          return;
        } catch (error) {
          if (begun) throw error;
          await before(error, attempt, call);
        }
      }
    },

    async *apply(changes, call, next: Connector["apply"]) {
      let todo = changes;
      for (let attempt = 1; todo.length > 0; attempt++) {
        const byId = new Map(todo.map((change) => [change.id, change]));
        const refused: { change: StoreChange; outcome: Refusal; wait: number }[] = [];
        for await (const outcome of next(todo, call)) {
          const change = byId.get(outcome.id);
          const policy = change && policies[operationOf(change)];
          if (outcome.ok || change === undefined || policy === undefined || !again.has(outcome.error.kind))
            yield outcome;
          else if (attempt >= policy.attempts) yield outcome;
          else refused.push({ change, outcome, wait: waitFor(outcome.error, policy, attempt) });
        }
        const wait = Math.max(0, ...refused.map((one) => one.wait));
        try {
          if (refused.length > 0) await pause(clock, wait, call);
        } catch {
          yield* refused.map((one) => one.outcome);
          return;
        }
        todo = refused.map((one) => one.change);
      }
    },
  };
}

function operationOf(change: StoreChange): keyof RetryPolicies {
  if (change.kind === "create") return "provision";
  return change.kind === "delete" ? "deprovision" : "update";
}
