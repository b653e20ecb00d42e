import { z } from "zod";

/** A Lease of coordination.k8s.io/v1, as far as it matters here; the rest of it is kept as it is. */
const leaseSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string(), resourceVersion: z.string().optional() }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .default({}),
});

export type LeaseObject = z.output<typeof leaseSchema>;

/** Throws a ZodError for what is no Lease. */
export function parseLease(answer: unknown): LeaseObject {
  return leaseSchema.parse(answer);
}

/** Who holds it; undefined where nobody does. */
export function holderOf(lease: LeaseObject): string | undefined {
  return lease.spec.holderIdentity || undefined;
}

/** A Lease that is not there yet. */
export function newLease(namespace: string, name: string): LeaseObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace },
    spec: {},
  };
}

export interface Holding {
  readonly holder: string;
  /** Milliseconds; whole seconds. */
  readonly duration: number;
  /** Milliseconds since the epoch: for people, nobody decides by it. */
  readonly now: number;
}

/** The Lease, taken or renewed. `leaseTransitions` counts changes of the holder, as client-go's leader election does. */
export function heldLease(lease: LeaseObject, { holder, duration, now }: Holding): LeaseObject {
  const isRenewal = holderOf(lease) === holder;
  const { acquireTime, leaseTransitions } = lease.spec;
  const isFirst = lease.metadata.resourceVersion === undefined;
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: holder,
      leaseDurationSeconds: duration / 1_000,
      acquireTime: (isRenewal && acquireTime) || microTime(now),
      renewTime: microTime(now),
      leaseTransitions: (leaseTransitions ?? 0) + (isRenewal || isFirst ? 0 : 1),
    },
  };
}

/** The Lease, given back: anybody may take it at once. What client-go's `ReleaseOnCancel` writes. */
export function releasedLease(lease: LeaseObject, now: number): LeaseObject {
  const times = { acquireTime: microTime(now), renewTime: microTime(now) };
  return { ...lease, spec: { ...lease.spec, ...times, holderIdentity: "", leaseDurationSeconds: 1 } };
}

/** Whether another process is alive and holds the Lease: it was written since it was looked at before, and not by us. */
export function isHeldAlive(
  before: LeaseObject | undefined,
  now: LeaseObject | undefined,
  holder: string,
): boolean {
  if (!before || !now || isSame(before, now)) return false;
  return ![undefined, holder].includes(holderOf(now));
}

/** Whether the Lease says the same. Labels, annotations and the like may have been edited. */
export function isSame(one: LeaseObject, other: LeaseObject): boolean {
  return JSON.stringify(one.spec) === JSON.stringify(other.spec);
}

/** Kubernetes' MicroTime: RFC 3339 with six fractional digits; the API server refuses fewer. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
