import type { IdentitySpec } from "../kinds/identity.ts";
import type { Reason } from "../model/change.ts";
import { endOf, startOf } from "../model/moment.ts";

/** Whether an identity is active now, and when that changes by itself (ms). */
export type Activity =
  | { readonly active: true; readonly emergency: boolean; readonly changesAt: number | undefined }
  | {
      readonly active: false;
      readonly emergency: boolean;
      readonly why: Reason;
      readonly changesAt: number | undefined;
    };

/** The built-in lifecycle: active between `start` and `end`, unless `state` says otherwise. */
export function activity(spec: IdentitySpec, now: number): Activity {
  const lifecycle = spec.lifecycle;
  if (!lifecycle) return { active: true, emergency: false, changesAt: undefined };
  const inactive = (detail: string, changesAt?: number): Activity => ({
    active: false,
    emergency: lifecycle.emergency === "Disable",
    why: { source: "Lifecycle", name: "", detail },
    changesAt,
  });
  if (lifecycle.state === "Inactive") return inactive("state is Inactive");
  const start = lifecycle.start === undefined ? undefined : startOf(lifecycle.start);
  const end = lifecycle.end === undefined ? undefined : endOf(lifecycle.end);
  if (end !== undefined && now >= end) return inactive(`ended ${lifecycle.end}`);
  if (start !== undefined && now < start) return inactive(`starts ${lifecycle.start}`, start);
  return { active: true, emergency: lifecycle.emergency === "Disable", changesAt: end };
}

/** Whether a grant is in force now, and when that changes by itself (ms). */
export function inForce(
  span: { readonly from?: string | undefined; readonly until?: string | undefined },
  now: number,
): { readonly now: boolean; readonly changesAt: number | undefined } {
  const from = span.from === undefined ? undefined : startOf(span.from);
  const until = span.until === undefined ? undefined : endOf(span.until);
  if (until !== undefined && now >= until) return { now: false, changesAt: undefined };
  if (from !== undefined && now < from) return { now: false, changesAt: from };
  return { now: true, changesAt: until };
}
