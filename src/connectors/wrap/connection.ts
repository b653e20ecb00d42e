import type { Connector, StoreConnection } from "../contract.ts";
import { type BreakerOptions, circuitBreaker } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import { deadline } from "./deadline.ts";
import { type Limits, limit } from "./limit.ts";
import { type CallStatus, measure } from "./measure.ts";
import { keepingPromises } from "./promises.ts";
import { redacting } from "./redact.ts";
import { type RetryPolicies, retry } from "./retry.ts";
import { type CallName, type Wrapper, wrapConnector } from "./wrapper.ts";

export interface Care {
  /** Milliseconds that one call, or one page, may take. */
  readonly timeout: number;
  readonly limits: Limits;
  readonly retries: RetryPolicies;
  readonly breaker: BreakerOptions;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told of every call that was sent. */
  readonly tell: (call: CallName, status: CallStatus, milliseconds: number) => void;
}

/** What a Store gets that says nothing else. */
export const usualCare: Omit<Care, "clock" | "random" | "tell"> = {
  timeout: 60_000,
  limits: { concurrency: 16 },
  retries: {
    provision: { attempts: 4, first: 500, longest: 10_000 },
    update: { attempts: 4, first: 500, longest: 10_000 },
    deprovision: { attempts: 4, first: 500, longest: 10_000 },
    aggregate: { attempts: 3, first: 500, longest: 10_000 },
  },
  breaker: { failures: 5, first: 1_000, longest: 300_000 },
};

/** A store's connection with everything around it that a connector does not write itself. Its targets share limits and breaker. */
export function careFor<T>(
  inner: StoreConnection<T>,
  care: Care,
): StoreConnection<T> & { readonly closed: boolean } {
  const { clock } = care;
  const breaker = circuitBreaker(care.breaker, clock);
  // From the outside in: each attempt is limited, timed and measured by itself.
  const wrappers: readonly Wrapper[] = [
    retry(care.retries, clock, care.random),
    breaker,
    limit(care.limits, clock),
    deadline(care.timeout, clock),
    measure(care.tell, clock),
  ];
  const answer = wrappers.reduceRight<NonNullable<Wrapper["answer"]>>(
    (next, wrapper) => (name, call, work) => wrapper.answer!(name, call, (by) => next(name, by, work)),
    (_name, call, work) => work(call),
  );
  return {
    get closed() {
      return breaker.closed;
    },
    fingerprint: (call) => answer("fingerprint", call, (by) => inner.fingerprint(by)),
    target: (options) => {
      const connector = wrappers.reduceRight<Connector>(
        wrapConnector,
        keepingPromises(inner.target(options)),
      );
      return wrapConnector(connector, redacting);
    },
    close: () => inner.close(),
  };
}
