import type { Call } from "../connectors/contract.ts";
import {
  type AccountRecord,
  type EntitlementRecord,
  type EntitlementRef,
  entitlementRef,
} from "../core/model/account.ts";
import type { Holding, Link } from "../core/model/link.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { AccountCase, Entitlements } from "../core/plan/case.ts";
import type { State } from "../state/state.ts";
import { chunks, inSlices } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import { findCandidates } from "./find-candidates.ts";
import type { Look } from "./look.ts";
import type { Parts } from "./parts.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

/** Null: proved. Undefined, where the store may not show yet what was just written there. */
function absence({ written, model }: TargetLane, { identity }: Suspect, now: number): null | undefined {
  const at = written.get(identity);
  return at !== undefined && now - at < model.schema.lag ? undefined : null;
}

/** An account that somebody deleted and that is to be repaired: its identity looks for an account as every unlinked one does. */
function isToBeMadeAnew(
  lane: TargetLane,
  suspect: Suspect,
  links: ReadonlyMap<string, Link>,
  records: ReadonlyMap<string, AccountRecord>,
  now: number,
): boolean {
  const link = links.get(suspect.identity);
  if (!link || suspect.membershipsOnly || suspect.desired.presence !== "Present") return false;
  const { missing } = lane.model.spec.outside;
  return missing === "Repair" && !records.has(link.anchor) && absence(lane, suspect, now) === null;
}

/** All that a plan of these suspects is made from. */
export interface Gathered {
  readonly cases: readonly AccountCase[];
  readonly entitlements: Entitlements;
}

/** Reads, in bulk, what is needed to plan these suspects, and nothing more. Writes nothing. */
export async function gather(
  { state, clock }: Pick<Parts, "state" | "clock">,
  lane: TargetLane,
  suspects: readonly Suspect[],
  seen: Pick<Look, "fresh" | "members">,
  call: Call,
): Promise<Gathered> {
  const now = clock.now();
  const links = await linksOf(lane, state, suspects);
  const records = await fetchRecords(lane, suspects, links, call);
  for (const suspect of suspects)
    if (isToBeMadeAnew(lane, suspect, links, records, now)) links.delete(suspect.identity);
  const candidates = await findCandidates(
    lane,
    suspects,
    links,
    seen.fresh ? lane.observation : undefined,
    call,
  );
  const holdings = await holdingsOf(lane, state, suspects, links);
  const cases = suspects.map((suspect): AccountCase => {
    const link = links.get(suspect.identity);
    return {
      identity: suspect.identity,
      desired: suspect.desired,
      link,
      record:
        link && !suspect.membershipsOnly
          ? (records.get(link.anchor) ?? absence(lane, suspect, now))
          : undefined,
      candidates: candidates(suspect),
      pinned: suspect.pinned,
      holdings: holdings.get(suspect.identity) ?? [],
    };
  });
  return {
    cases,
    entitlements: await readEntitlements(lane, refsOf(lane, suspects), cases, seen.members, call),
  };
}

async function linksOf(
  lane: TargetLane,
  state: State,
  suspects: readonly Suspect[],
): Promise<Map<string, Link>> {
  const linked = suspects
    .filter((suspect) => lane.index.of(suspect.identity))
    .map((suspect) => suspect.identity);
  const links = new Map<string, Link>();
  for (const some of chunks(linked, callSize))
    for (const link of await state.linksOf(lane.model.name, some)) links.set(link.identity, link);
  return links;
}

async function fetchRecords(
  lane: TargetLane,
  suspects: readonly Suspect[],
  links: ReadonlyMap<string, Link>,
  call: Call,
): Promise<ReadonlyMap<string, AccountRecord>> {
  const anchors: string[] = [];
  for (const { identity, membershipsOnly } of suspects) {
    const link = links.get(identity);
    if (link && !membershipsOnly) anchors.push(link.anchor);
  }
  const records = new Map<string, AccountRecord>();
  for (const some of chunks(anchors, callSize))
    for (const record of await lane.connector.fetch(some, call)) records.set(record.anchor, record);
  return records;
}

async function holdingsOf(
  lane: TargetLane,
  state: State,
  suspects: readonly Suspect[],
  links: ReadonlyMap<string, Link>,
): Promise<ReadonlyMap<string, Holding[]>> {
  const holdings = new Map<string, Holding[]>();
  if (!lane.connector.capabilities.entitlements) return holdings;
  const identities = suspects
    .filter((suspect) => links.has(suspect.identity))
    .map((suspect) => suspect.identity);
  for (const some of chunks(identities, callSize))
    for (const holding of await state.holdings(lane.model.name, { identities: some }))
      getOrAdd(holdings, holding.identity, () => []).push(holding);
  return holdings;
}

/** The entitlements that the suspects want, and those of which it is unknown whether they do. */
function refsOf({ model }: TargetLane, suspects: readonly Suspect[]): ReadonlyMap<string, EntitlementRef> {
  const refs = new Map<string, EntitlementRef>();
  for (const { desired, access } of suspects) {
    if (desired.presence !== "Present") continue;
    for (const [key, { ref }] of desired.entitlements) refs.set(key, ref);
    for (const key of access?.unknown.entitlements.get(model.name)?.keys() ?? [])
      refs.set(key, entitlementRef(key));
  }
  return refs;
}

/** Resolves entitlements, and reads the members of those where something may have to change. */
async function readEntitlements(
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
    for (const some of chunks([...refs], callSize)) {
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
  const gone = new Set(lane.observation?.gone);
  for (const anchor of gone) names.delete(anchor);
  const anchors = (await inSlices(anchorsToRead(cases, byKey))).filter(
    (anchor) => !gone.has(anchor) && !known.has(anchor),
  );
  const read = new Map<string, Set<string>>(anchors.map((anchor) => [anchor, new Set()]));
  for (const some of chunks(anchors, 100))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page) read.get(entitlement)?.add(member);
  return { byKey, members: new Map([...known, ...read]), names };
}

/** Those where a case wants what it is not known to hold, or holds what it does not want. */
function* anchorsToRead(
  cases: readonly AccountCase[],
  byKey: ReadonlyMap<string, EntitlementRecord | null>,
): Generator<void, readonly string[]> {
  const anchors = new Set<string>();
  for (const { desired, holdings, link, candidates } of cases) {
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
    yield;
  }
  return [...anchors];
}
