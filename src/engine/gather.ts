import type { Call } from "../connectors/contract.ts";
import type { AccountRecord } from "../core/model/account.ts";
import { type FormerAccount, formerAccount, type Holding, type Link } from "../core/model/link.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { AccountCase, Entitlements } from "../core/plan/case.ts";
import { eachInSlices, inSlices, inTurns } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import { findCandidates } from "./find-candidates.ts";
import type { Memory } from "./foreseen.ts";
import { readEntitlements, refsOf } from "./gather-entitlements.ts";
import type { Look } from "./look.ts";
import { passwordsOf } from "./read-passwords.ts";
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

const none: readonly never[] = [];

/** All that a plan of these suspects is made from. */
export interface Gathered {
  readonly cases: readonly AccountCase[];
  readonly entitlements: Entitlements;
}

/** Reads, in bulk, what is needed to plan these suspects, and nothing more. Writes nothing. */
export async function gather(
  lane: TargetLane,
  memory: Memory,
  suspects: readonly Suspect[],
  seen: Pick<Look, "fresh" | "members">,
  now: number,
  call: Call,
): Promise<Gathered> {
  const links = await linksOf(lane, memory, suspects);
  const records = await fetchRecords(lane, suspects, links, call);
  const former = new Map<string, FormerAccount>();
  await eachInSlices(suspects, (suspect) => {
    if (!isToBeMadeAnew(lane, suspect, links, records, now)) return;
    const gone = formerAccount(links.get(suspect.identity)!);
    if (gone) former.set(suspect.identity, gone);
    links.delete(suspect.identity);
  });
  if (lane.connector.capabilities.restore) await addFormer(lane, memory, suspects, links, former);
  const candidates = await findCandidates(
    lane,
    suspects,
    links,
    seen.fresh ? lane.observation : undefined,
    call,
  );
  const passwords = await passwordsOf(lane, suspects);
  const holdings = await holdingsOf(lane, memory, suspects, links);
  const cases: AccountCase[] = [];
  await eachInSlices(suspects, (suspect) => {
    const link = links.get(suspect.identity);
    cases.push({
      identity: suspect.identity,
      desired: suspect.desired,
      link,
      record:
        link && !suspect.membershipsOnly
          ? (records.get(link.anchor) ?? absence(lane, suspect, now))
          : undefined,
      former: former.get(suspect.identity),
      candidates: candidates(suspect),
      pinned: suspect.pinned,
      holdings: holdings.get(suspect.identity) ?? none,
      password: passwords.get(suspect.identity),
      unknown: suspect.access?.unknown,
    });
  });
  return {
    cases,
    entitlements: await readEntitlements(
      lane,
      await inSlices(refsOf(lane, suspects)),
      cases,
      seen.members,
      call,
    ),
  };
}

async function linksOf(
  lane: TargetLane,
  memory: Memory,
  suspects: readonly Suspect[],
): Promise<Map<string, Link>> {
  const linked = suspects
    .filter((suspect) => lane.index.of(suspect.identity))
    .map((suspect) => suspect.identity);
  const links = new Map<string, Link>();
  for await (const some of inTurns(linked, callSize))
    for (const link of await memory.linksOf(lane.model.name, some)) links.set(link.identity, link);
  return links;
}

/** Adds the accounts that were deleted a while ago, of those who have none now. */
async function addFormer(
  lane: TargetLane,
  memory: Memory,
  suspects: readonly Suspect[],
  links: ReadonlyMap<string, Link>,
  former: Map<string, FormerAccount>,
): Promise<void> {
  const without = suspects
    .filter(({ identity, desired }) => desired.presence === "Present" && !links.has(identity))
    .map(({ identity }) => identity);
  for await (const some of inTurns(without, callSize))
    for (const gone of await memory.formerAccounts(lane.model.name, some))
      if (!former.has(gone.identity)) former.set(gone.identity, gone);
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
  for await (const some of inTurns(anchors, callSize))
    for (const record of await lane.connector.fetch(some, call)) records.set(record.anchor, record);
  return records;
}

async function holdingsOf(
  lane: TargetLane,
  memory: Memory,
  suspects: readonly Suspect[],
  links: ReadonlyMap<string, Link>,
): Promise<ReadonlyMap<string, Holding[]>> {
  const holdings = new Map<string, Holding[]>();
  if (!lane.connector.capabilities.entitlements) return holdings;
  const identities = suspects
    .filter((suspect) => links.has(suspect.identity))
    .map((suspect) => suspect.identity);
  for await (const some of inTurns(identities, callSize))
    for (const holding of await memory.holdings(lane.model.name, { identities: some }))
      getOrAdd(holdings, holding.identity, () => []).push(holding);
  return holdings;
}
