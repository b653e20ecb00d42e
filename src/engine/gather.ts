import type { Call } from "../connectors/contract.ts";
import type { AccountRecord } from "../core/model/account.ts";
import { type FormerAccount, formerAccount, type Holding, type Link } from "../core/model/link.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { AccountCase, Entitlements, Subject } from "../core/plan/case.ts";
import { breathing, eachInSlices, inTurns } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import { type CandidatesOf, findCandidates } from "./find-candidates.ts";
import type { Memory } from "./foreseen.ts";
import { type Holdings, readEntitlements } from "./gather-entitlements.ts";
import type { Look } from "./look.ts";
import { passwordsOf } from "./read-passwords.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

/** All that a plan of these suspects is made from. */
export interface Gathered {
  readonly subjects: readonly Subject[];
  readonly entitlements: Entitlements;
  /** Their cases, read piece by piece: all of them at once would take several times what the plan takes. Empties `suspects`. */
  readonly cases: AsyncIterable<readonly AccountCase[]>;
}

/** From where it is gathered, and how. */
export interface Asking {
  readonly lane: TargetLane;
  readonly memory: Memory;
  readonly now: number;
  /** Of one piece. */
  readonly call: () => Call;
}

/** What is remembered of accounts, by identity, and what the store shows of them, by anchor. */
interface Accounts {
  readonly links: ReadonlyMap<string, Link>;
  readonly records: ReadonlyMap<string, AccountRecord>;
}

const none: readonly never[] = [];

/** Reads, in bulk, what is needed to plan these suspects, and nothing more. Writes nothing. */
export async function gather(
  asking: Asking,
  suspects: Suspect[],
  seen: Pick<Look, "fresh" | "members">,
): Promise<Gathered> {
  const { lane, call } = asking;
  const isAll = suspects.length <= callSize;
  const accountsOf = onceFor(isAll, (some: readonly Suspect[]) => readAccounts(asking, some));
  const gone = await toBeMadeAnew(asking, suspects, accountsOf);
  const linkOf = (identity: string) => (gone.has(identity) ? undefined : lane.index.of(identity));
  const holdingsOf = onceFor(isAll, (some: readonly Suspect[]) =>
    readHoldings(
      asking,
      some.filter(({ identity }) => linkOf(identity)),
    ),
  );
  const observation = seen.fresh ? lane.observation : undefined;
  const candidatesOf = await findCandidates(lane, suspects, linkOf, observation, call());
  const entitlements = await readEntitlements(
    lane,
    suspects,
    {
      known: seen.members,
      holdingsOf,
      // What is still to be created is a member of nothing.
      mayBeMember: (suspect) => linkOf(suspect.identity) !== undefined || candidatesOf(suspect).length > 0,
    },
    call(),
  );
  const subjects = await subjectsOf(suspects, linkOf, candidatesOf);
  return {
    subjects,
    entitlements,
    cases: pieces(asking, suspects, { gone, candidatesOf, accountsOf, holdingsOf }),
  };
}

async function subjectsOf(
  suspects: readonly Suspect[],
  linkOf: (identity: string) => Subject["link"],
  candidatesOf: CandidatesOf,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = [];
  await eachInSlices(suspects, (suspect) => {
    const { identity, desired, pinned } = suspect;
    subjects.push({ identity, desired, pinned, link: linkOf(identity), candidates: candidatesOf(suspect) });
  });
  return subjects;
}

interface Reads {
  readonly gone: ReadonlySet<string>;
  readonly candidatesOf: CandidatesOf;
  readonly accountsOf: (some: readonly Suspect[]) => Promise<Accounts>;
  readonly holdingsOf: (some: readonly Suspect[]) => Promise<Holdings>;
}

async function* pieces(
  asking: Asking,
  suspects: Suspect[],
  { accountsOf, holdingsOf, ...known }: Reads,
): AsyncGenerator<readonly AccountCase[]> {
  const breathe = breathing();
  while (suspects.length > 0) {
    const some = suspects.splice(0, callSize);
    yield casesOf(asking, some, {
      ...known,
      ...(await accountsOf(some)),
      holdings: await holdingsOf(some),
    });
    await breathe();
  }
}

/** Reads some; where those are all that there are, once. */
function onceFor<S, T>(isAll: boolean, read: (some: S) => Promise<T>): (some: S) => Promise<T> {
  let kept: Promise<T> | undefined;
  return (some) => {
    if (!isAll) return read(some);
    kept ??= read(some);
    return kept;
  };
}

async function casesOf(
  asking: Asking,
  suspects: readonly Suspect[],
  known: Accounts & {
    readonly gone: ReadonlySet<string>;
    readonly holdings: Holdings;
    readonly candidatesOf: CandidatesOf;
  },
): Promise<readonly AccountCase[]> {
  const { lane, now } = asking;
  const linkOf = (identity: string) => (known.gone.has(identity) ? undefined : known.links.get(identity));
  const former = await formerAccounts(asking, suspects, known, linkOf);
  const passwords = await passwordsOf(lane, suspects);
  return suspects.map((suspect): AccountCase => {
    const { identity, desired, pinned, access } = suspect;
    const link = linkOf(identity);
    return {
      identity,
      desired,
      link,
      record:
        link && !suspect.membershipsOnly
          ? (known.records.get(link.anchor) ?? absence(lane, suspect, now))
          : undefined,
      former: former.get(identity),
      candidates: known.candidatesOf(suspect),
      pinned,
      holdings: known.holdings.get(identity) ?? none,
      password: passwords.get(identity),
      unknown: access?.unknown,
    };
  });
}

/** Null: proved. Undefined, where the store may not show yet what was just written there. */
function absence({ written, model }: TargetLane, { identity }: Suspect, now: number): null | undefined {
  const at = written.get(identity);
  return at !== undefined && now - at < model.schema.lag ? undefined : null;
}

/** Accounts that somebody deleted and that are to be repaired: their identities look for an account as every unlinked one does. */
async function toBeMadeAnew(
  { lane, now }: Asking,
  suspects: readonly Suspect[],
  accountsOf: (some: readonly Suspect[]) => Promise<Accounts>,
): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  if (lane.model.spec.outside.missing !== "Repair") return gone;
  for await (const some of inTurns(suspects, callSize)) {
    const { links, records } = await accountsOf(some);
    for (const suspect of some) {
      const link = links.get(suspect.identity);
      if (!link || suspect.membershipsOnly || suspect.desired.presence !== "Present") continue;
      if (!records.has(link.anchor) && absence(lane, suspect, now) === null) gone.add(suspect.identity);
    }
  }
  return gone;
}

async function readAccounts({ lane, memory, call }: Asking, suspects: readonly Suspect[]): Promise<Accounts> {
  const links = new Map<string, Link>();
  const records = new Map<string, AccountRecord>();
  const linked = suspects.filter(({ identity }) => lane.index.of(identity)).map(({ identity }) => identity);
  if (linked.length > 0)
    for (const link of await memory.linksOf(lane.model.name, linked)) links.set(link.identity, link);
  const anchors = suspects.flatMap(({ identity, membershipsOnly }) =>
    membershipsOnly ? [] : (links.get(identity)?.anchor ?? []),
  );
  if (anchors.length > 0)
    for (const record of await lane.connector.fetch(anchors, call())) records.set(record.anchor, record);
  return { links, records };
}

/** The accounts that are gone, of those who have none now. */
async function formerAccounts(
  { lane, memory }: Asking,
  suspects: readonly Suspect[],
  { gone, links }: Pick<Accounts, "links"> & { readonly gone: ReadonlySet<string> },
  linkOf: (identity: string) => Link | undefined,
): Promise<ReadonlyMap<string, FormerAccount>> {
  const former = new Map<string, FormerAccount>();
  const without = suspects
    .filter(({ identity, desired }) => desired.presence === "Present" && !linkOf(identity))
    .map(({ identity }) => identity);
  if (lane.connector.capabilities.restore && without.length > 0)
    for (const each of await memory.formerAccounts(lane.model.name, without)) former.set(each.identity, each);
  for (const identity of without) {
    const link = gone.has(identity) ? links.get(identity) : undefined;
    const last = link && formerAccount(link);
    if (last) former.set(identity, last);
  }
  return former;
}

async function readHoldings({ lane, memory }: Asking, linked: readonly Suspect[]): Promise<Holdings> {
  const holdings = new Map<string, Holding[]>();
  if (!lane.connector.capabilities.entitlements || linked.length === 0) return holdings;
  const identities = linked.map(({ identity }) => identity);
  for (const holding of await memory.holdings(lane.model.name, { identities }))
    getOrAdd(holdings, holding.identity, () => []).push(holding);
  return holdings;
}
