import type { Call } from "../connectors/contract.ts";
import { type EntitlementRecord, type EntitlementRef, entitlementRef } from "../core/model/account.ts";
import { protection } from "../core/plan/boundary.ts";
import type { AccountCase, Entitlements } from "../core/plan/case.ts";
import { chunks, eachInSlices, inSlices, inTurns } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

/** The entitlements that the suspects want, and those of which it is unknown whether they do. */
export function* refsOf(
  { model }: TargetLane,
  suspects: readonly Suspect[],
): Generator<void, ReadonlyMap<string, EntitlementRef>> {
  const refs = new Map<string, EntitlementRef>();
  for (const { desired, access } of suspects) {
    yield;
    if (desired.presence !== "Present") continue;
    for (const [key, { ref }] of desired.entitlements) refs.set(key, ref);
    for (const key of access?.unknown.entitlements.get(model.name)?.keys() ?? [])
      refs.set(key, entitlementRef(key));
  }
  return refs;
}

/** Resolves entitlements, and reads the members of those where something may have to change. */
export async function readEntitlements(
  lane: TargetLane,
  refs: ReadonlyMap<string, EntitlementRef>,
  cases: readonly AccountCase[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
  call: Call,
): Promise<Entitlements> {
  const { connector } = lane;
  const byKey = new Map<string, EntitlementRecord | null>();
  const names = new Map([...lane.entitlements.values()].map((seen) => [seen.anchor, seen.name]));
  if (connector.capabilities.entitlements)
    for await (const some of inTurns([...refs], callSize)) {
      const records = await connector.entitlements(
        some.map(([, ref]) => ref),
        call,
      );
      some.forEach(([key], place) => {
        const record = records[place];
        byKey.set(key, record ?? null);
        if (record) names.set(record.anchor, record.name);
      });
    }
  // A store that has no list of its entitlements shows in a scan only those that somebody holds.
  const found = new Set([...byKey.values()].map((record) => record?.anchor));
  const gone = new Set(lane.observation?.gone).difference(found);
  for (const anchor of gone) names.delete(anchor);
  const anchors = (await inSlices(anchorsToRead(cases, byKey))).filter(
    (anchor) => !gone.has(anchor) && !known.has(anchor),
  );
  const isProtected = protection(lane.model);
  const guarded = new Map<string, string>();
  for (const record of [...byKey.values(), ...(await readLeft(lane, cases, byKey, gone, call))]) {
    const why = record ? isProtected(record) : undefined;
    if (record && why !== undefined) guarded.set(record.anchor, why);
  }
  const read = new Map<string, Set<string>>(anchors.map((anchor) => [anchor, new Set()]));
  for (const some of chunks(anchors, 100))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page) read.get(entitlement)?.add(member);
  return { byKey, members: new Map([...known, ...read]), names, protected: guarded };
}

/** The entitlements that somebody holds and nobody here wants: whether they may be taken is theirs to tell. */
async function readLeft(
  { connector }: TargetLane,
  cases: readonly AccountCase[],
  byKey: ReadonlyMap<string, EntitlementRecord | null>,
  gone: ReadonlySet<string>,
  call: Call,
): Promise<readonly (EntitlementRecord | undefined)[]> {
  const wanted = new Set([...byKey.values()].map((record) => record?.anchor));
  const left = new Set<string>();
  await eachInSlices(cases, ({ holdings }) => {
    for (const { origin, entitlement } of holdings) if (origin !== "Preexisting") left.add(entitlement);
  });
  const records: (EntitlementRecord | undefined)[] = [];
  for (const some of chunks([...left.difference(wanted).difference(gone)], callSize))
    records.push(
      ...(await connector.entitlements(
        some.map((name) => ({ name, by: "Id" })),
        call,
      )),
    );
  return records;
}

/** Those where a case wants what it is not known to hold, or holds what it does not want. */
function* anchorsToRead(
  cases: readonly AccountCase[],
  byKey: ReadonlyMap<string, EntitlementRecord | null>,
): Generator<void, readonly string[]> {
  const anchors = new Set<string>();
  for (const { desired, holdings, link, candidates } of cases) {
    yield;
    if (!link && candidates.length === 0) continue; // What is still to be created is a member of nothing.
    const wanted = new Set<string>();
    if (desired.presence === "Present")
      for (const key of desired.entitlements.keys()) {
        const record = byKey.get(key);
        if (record) wanted.add(record.anchor);
      }
    const owned = new Set(
      holdings.filter((holding) => holding.origin !== "Preexisting").map((holding) => holding.entitlement),
    );
    for (const anchor of wanted.symmetricDifference(owned)) anchors.add(anchor);
  }
  return [...anchors];
}
