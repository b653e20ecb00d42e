import { expect, test } from "vitest";
import { heldLease, holderOf, isHeldAlive, newLease, parseLease, releasedLease } from "./lease-record.ts";

const now = Date.UTC(2026, 0, 1, 0, 0, 0, 7);
const holding = { holder: "me", duration: 12_000, now };
const kept = (spec: Record<string, unknown>) =>
  parseLease({ metadata: { name: "rollcall", resourceVersion: "7", labels: { team: "idm" } }, spec });

test("times are MicroTimes, with six digits", () => {
  const { spec } = heldLease(newLease("rollcall-system", "rollcall"), holding);
  expect([spec.acquireTime, spec.renewTime]).toEqual([
    "2026-01-01T00:00:00.007000Z",
    "2026-01-01T00:00:00.007000Z",
  ]);
});

test.each([
  ["made", newLease("rollcall-system", "rollcall"), 0, "2026-01-01T00:00:00.007000Z"],
  [
    "taken from another",
    kept({ holderIdentity: "other", leaseTransitions: 4, acquireTime: "then" }),
    5,
    "2026-01-01T00:00:00.007000Z",
  ],
  [
    "taken when nobody held it",
    kept({ holderIdentity: "", leaseTransitions: 4, acquireTime: "then" }),
    5,
    "2026-01-01T00:00:00.007000Z",
  ],
  ["taken where somebody made it by hand", kept({}), 1, "2026-01-01T00:00:00.007000Z"],
  ["renewed", kept({ holderIdentity: "me", leaseTransitions: 4, acquireTime: "then" }), 4, "then"],
])(
  "a Lease that is %s counts changes of its holder, and keeps when that was",
  (_, lease, transitions, acquired) => {
    const { spec } = heldLease(lease, holding);
    expect(spec).toMatchObject({
      holderIdentity: "me",
      leaseDurationSeconds: 12,
      leaseTransitions: transitions,
      acquireTime: acquired,
    });
  },
);

test("what others wrote on it stays", () => {
  const lease = kept({ holderIdentity: "me", strategy: "OldestEmulationVersion" });
  for (const written of [heldLease(lease, holding), releasedLease(lease, now)]) {
    expect(written.metadata).toEqual(lease.metadata);
    expect(written.spec).toMatchObject({ strategy: "OldestEmulationVersion" });
  }
});

test("one that was given back is held by nobody, and runs out at once", () => {
  const released = releasedLease(kept({ holderIdentity: "me", leaseTransitions: 4 }), now);
  expect(holderOf(released)).toBeUndefined();
  expect(released.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1, leaseTransitions: 4 });
});

const other = kept({ holderIdentity: "other", renewTime: "1" });
test.each([
  ["never looked at before", undefined, other, false],
  ["another's, unchanged", other, kept({ holderIdentity: "other", renewTime: "1" }), false],
  ["another's, edited in its labels alone", { ...other, metadata: { name: "rollcall" } }, other, false],
  ["another's, renewed", other, kept({ holderIdentity: "other", renewTime: "2" }), true],
  ["taken by a third", other, kept({ holderIdentity: "third", renewTime: "2" }), true],
  ["given back", other, kept({ holderIdentity: "", renewTime: "2" }), false],
  ["ours", other, kept({ holderIdentity: "me", renewTime: "2" }), false],
  ["gone", other, undefined, false],
])("another process proves to be alive by its Lease: %s", (_, before, after, alive) => {
  expect(isHeldAlive(before, after, "me")).toBe(alive);
});

test.each([[undefined], [{}], [{ metadata: { name: 1 } }], ["text"]])("%s is no Lease", (answer) => {
  expect(() => parseLease(answer)).toThrow();
});
