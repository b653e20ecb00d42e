import type { Call } from "../connectors/contract.ts";
import { type EntitlementRecord, type EntitlementRef, entitlementRef } from "../core/model/account.ts";
import type { Holding } from "../core/model/link.ts";
import { protection } from "../core/plan/boundary.ts";
import type { Entitlements } from "../core/plan/case.ts";
import { chunks, inSlices, inTurns } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

/** The entitlements that the suspects want, and those of which it is unknown whether they do. */
function* refsOf(
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

/** By identity. */
export type Holdings = ReadonlyMap<string, readonly Holding[]>;

/** What is known of the suspects' memberships before any are read. */
interface Memberships {
  /** Members of entitlements that were read already, by anchor. */
  readonly known: ReadonlyMap<string, ReadonlySet<string>>;
  readonly holdingsOf: (some: readonly Suspect[]) => Promise<Holdings>;
  readonly mayBeMember: (suspect: Suspect) => boolean;
}

/** Resolves entitlements, and reads the members of those where something may have to change. */
export async function readEntitlements(
  lane: TargetLane,
  suspects: readonly Suspect[],
  { known, ...memberships }: Memberships,
  call: Call,
): Promise<Entitlements> {
  const { connector } = lane;
  const byKey = new Map<string, EntitlementRecord | null>();
  const names = new Map([...lane.entitlements.values()].map((seen) => [seen.anchor, seen.name]));
  if (connector.capabilities.entitlements)
    for await (const some of inTurns([...(await inSlices(refsOf(lane, suspects)))], callSize)) {
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
  const { owned, differing } = await survey(suspects, memberships, byKey);
  const anchors = [...differing].filter((anchor) => !gone.has(anchor) && !known.has(anchor));
  // Those that somebody holds and nobody here wants: whether they may be taken is theirs to tell.
  const left = [...owned.difference(found).difference(gone)];
  const isProtected = protection(lane.model);
  const guarded = new Map<string, string>();
  for (const record of [...byKey.values(), ...(await readById(lane, left, call))]) {
    const why = record ? isProtected(record) : undefined;
    if (record && why !== undefined) guarded.set(record.anchor, why);
  }
  const read = new Map<string, Set<string>>(anchors.map((anchor) => [anchor, new Set()]));
  for (const some of chunks(anchors, 100))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page) read.get(entitlement)?.add(member);
  return { byKey, members: new Map([...known, ...read]), names, protected: guarded };
}

async function readById(
  { connector }: TargetLane,
  anchors: readonly string[],
  call: Call,
): Promise<readonly (EntitlementRecord | undefined)[]> {
  const records: (EntitlementRecord | undefined)[] = [];
  for (const some of chunks(anchors, callSize))
    records.push(
      ...(await connector.entitlements(
        some.map((name) => ({ name, by: "Id" })),
        call,
      )),
    );
  return records;
}

/** The entitlements that the suspects hold by us, and those where one of them wants what it is not known to hold, or holds what it does not want. */
async function survey(
  suspects: readonly Suspect[],
  { holdingsOf, mayBeMember }: Omit<Memberships, "known">,
  byKey: ReadonlyMap<string, EntitlementRecord | null>,
): Promise<{ readonly owned: ReadonlySet<string>; readonly differing: ReadonlySet<string> }> {
  const owned = new Set<string>();
  const differing = new Set<string>();
  for await (const some of inTurns(suspects, callSize)) {
    const holdings = await holdingsOf(some);
    for (const suspect of some) {
      const own = new Set<string>();
      for (const { origin, entitlement } of holdings.get(suspect.identity) ?? [])
        if (origin !== "Preexisting") own.add(entitlement);
      for (const anchor of own) owned.add(anchor);
      if (!mayBeMember(suspect)) continue;
      for (const anchor of wantedBy(suspect, byKey).symmetricDifference(own)) differing.add(anchor);
    }
  }
  return { owned, differing };
}

function wantedBy(
  { desired }: Suspect,
  byKey: ReadonlyMap<string, EntitlementRecord | null>,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  if (desired.presence !== "Present") return wanted;
  for (const key of desired.entitlements.keys()) {
    const record = byKey.get(key);
    if (record) wanted.add(record.anchor);
  }
  return wanted;
}
