import type { Call, FindQuestion } from "../connectors/contract.ts";
import type { AccountRecord, EntitlementRecord } from "../core/model/account.ts";
import type { Link } from "../core/model/link.ts";
import { getOrAdd } from "../core/model/maps.ts";
import type { Intent } from "../state/state.ts";
import { chunks, eachInSlices } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import type { FoundDone, LookedUp } from "./found-done.ts";
import { entitlementName } from "./intent-image.ts";
import type { Judge } from "./judge.ts";
import type { TargetLane } from "./target-lane.ts";

/** Groups whose members are read in one call. */
const groupsPerCall = 100;

/** Looks up what became of changes, accounts first: `found` takes in what was done. Throws a `StoreError`. */
export async function lookUp(
  lane: TargetLane,
  intents: readonly Intent[],
  found: FoundDone,
  judge: Judge,
  call: Call,
): Promise<readonly LookedUp[]> {
  const isMembership = ({ operation }: Intent) => operation === "Grant" || operation === "Revoke";
  const records = await recordsOf(lane, intents, call);
  const accounts = await lookUpAccounts(
    lane,
    intents.filter((intent) => !isMembership(intent)),
    records,
    judge,
    call,
  );
  await eachInSlices(accounts, (each) => found.add(each));
  const looked = await lookUpMemberships(
    lane,
    intents.filter(isMembership),
    (identity) => found.linkOf(identity),
    call,
  );
  const isMissing = ({ identity, anchor }: Intent) =>
    identity !== "" && anchor !== "" && !records.has(anchor);
  // That an account is missing does not show that anything was taken from it: it may come back with it.
  const isUntold = (intent: Intent) => intent.operation === "Revoke" && isMissing(intent);
  const memberships = looked.map((each) => (isUntold(each.intent) ? { ...each, done: false } : each));
  await eachInSlices(memberships, (each) => found.add(each));
  return [...accounts, ...memberships].map((each) =>
    isMissing(each.intent) ? { ...each, missing: true } : each,
  );
}

/** The accounts that changes are of, as far as there are any, by anchor. */
async function recordsOf(
  { connector }: TargetLane,
  intents: readonly Intent[],
  call: Call,
): Promise<ReadonlyMap<string, AccountRecord>> {
  const anchors = intents.flatMap(({ identity, anchor }) =>
    identity === "" || anchor === "" ? [] : [anchor],
  );
  const records = new Map<string, AccountRecord>();
  for (const some of chunks([...new Set(anchors)], callSize))
    for (const record of await connector.fetch(some, call)) records.set(record.anchor, record);
  return records;
}

/** Looks up what became of changes of accounts, and of entitlements themselves. */
async function lookUpAccounts(
  lane: TargetLane,
  intents: readonly Intent[],
  records: ReadonlyMap<string, AccountRecord>,
  judge: Judge,
  call: Call,
): Promise<readonly LookedUp[]> {
  const made = await findMade(
    lane,
    intents.filter(
      (intent) => intent.operation === "Create" && intent.identity !== "" && !records.has(intent.anchor),
    ),
    judge,
    call,
  );
  const created = creations(lane, judge, records, made);
  const entitlements = await namedEntitlements(
    lane,
    intents.filter(({ identity }) => identity === "").map(({ name }) => name),
    call,
  );
  const lookedUp = (intent: Intent): LookedUp => {
    if (intent.identity === "")
      return { intent, done: isEntitlementDone(intent, entitlements.get(intent.name), judge) };
    if (intent.operation === "Create") return created(intent);
    const record = records.get(intent.anchor);
    if (intent.operation === "Delete") return { intent, done: record === undefined };
    if (!record) return { intent, done: false };
    return { intent, done: judge.shows(intent, record), record };
  };
  const all: LookedUp[] = [];
  await eachInSlices(intents, (intent) => void all.push(lookedUp(intent)));
  return all;
}

/** Tells which account came of a create; of one account that nobody has, one create alone can be the cause. */
function creations(
  { index, isClaimed }: TargetLane,
  judge: Judge,
  records: ReadonlyMap<string, AccountRecord>,
  found: ReadonlyMap<Intent, readonly AccountRecord[]>,
): (intent: Intent) => LookedUp {
  const made = new Map<string, string>();
  const isFree = ({ anchor }: AccountRecord, { identity }: Intent) => {
    const owner = index.at(anchor)?.identity ?? made.get(anchor);
    return owner === undefined ? !isClaimed(anchor) : owner === identity;
  };
  return (intent) => {
    // One that was deleted and is there again was brought back, whatever else of it was not done yet.
    const former = records.get(intent.anchor);
    const own =
      former && isFree(former, intent)
        ? former
        : found.get(intent)?.find((record) => isFree(record, intent) && judge.isOurs(intent, record));
    if (!own) return { intent, done: false };
    made.set(own.anchor, intent.identity);
    return { intent, done: true, record: own };
  };
}

/** Looks up what became of memberships; `linkOf` tells whose account it is, one that was just found made included. */
async function lookUpMemberships(
  lane: TargetLane,
  intents: readonly Intent[],
  linkOf: (identity: string) => Link | undefined,
  call: Call,
): Promise<readonly LookedUp[]> {
  const { connector } = lane;
  const unknown = intents.filter(isOfUnknown).map(entitlementName);
  const made = await namedEntitlements(lane, unknown, call);
  const known = intents.map((intent) => (isOfUnknown(intent) ? withAnchor(intent, made) : intent));
  const asked = new Map<string, Set<string>>();
  const keys = known.map((intent) => {
    const { identity, anchor, name, entitlement } = intent;
    const account = linkOf(identity) ?? (anchor === "" ? undefined : { anchor, name });
    if (!account || entitlement === undefined) return undefined;
    const key = connector.memberKey(account);
    getOrAdd(asked, entitlement, () => new Set()).add(key);
    return key;
  });
  const members = await membersOf(lane, asked, call);
  return known.map((intent, place): LookedUp => {
    const key = keys[place];
    if (key === undefined) return { intent, done: false };
    const isMember = members.get(intent.entitlement ?? "")?.has(key) === true;
    return { intent, done: isMember === (intent.operation === "Grant") };
  });
}

/** The accounts that may have come of creates: that of the keys, where there is one alone, and that of the name. */
async function findMade(
  { connector }: TargetLane,
  intents: readonly Intent[],
  judge: Judge,
  call: Call,
): Promise<ReadonlyMap<Intent, readonly AccountRecord[]>> {
  const asked = intents.flatMap((intent) => {
    const byKeys = judge.keysOf?.(intent) ?? [];
    return [...byKeys.map((keys) => ({ keys })), { keys: {}, name: intent.name }].map(
      (question): readonly [Intent, FindQuestion] => [intent, question],
    );
  });
  const found = new Map<Intent, AccountRecord[]>();
  for (const some of chunks(asked, callSize)) {
    const answers = await connector.find(
      some.map(([, question]) => question),
      call,
    );
    some.forEach(([intent, { name }], place) => {
      const [record, ...others] = answers[place] ?? [];
      if (record && (name !== undefined || others.length === 0))
        getOrAdd(found, intent, () => []).push(record);
    });
  }
  return found;
}

/** What an entitlement that was created lacks is found by the next plan. */
function isEntitlementDone(intent: Intent, record: EntitlementRecord | undefined, judge: Judge): boolean {
  if (!record) return false;
  return intent.operation === "Create" || judge.shows(intent, { ...record, enabled: undefined });
}

/** Those that there are, by name. */
async function namedEntitlements(
  { connector }: TargetLane,
  names: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, EntitlementRecord>> {
  const found = new Map<string, EntitlementRecord>();
  for (const some of chunks([...new Set(names)], callSize)) {
    const records = await connector.entitlements(
      some.map((name) => ({ name, by: "Name" as const })),
      call,
    );
    some.forEach((name, place) => {
      const record = records[place];
      if (record) found.set(name, record);
    });
  }
  return found;
}

/** A group that was to be created in the same batch was known by its name alone when the intent was written. */
function isOfUnknown(intent: Intent): boolean {
  const { operation, entitlement } = intent;
  return operation === "Grant" && entitlement !== undefined && entitlement === entitlementName(intent);
}

function withAnchor(intent: Intent, made: ReadonlyMap<string, EntitlementRecord>): Intent {
  const { entitlement: _, ...unknown } = intent;
  const record = made.get(entitlementName(intent));
  return record ? { ...unknown, entitlement: record.anchor } : unknown;
}

/** Of the members that are asked for, those that there are, by entitlement. */
async function membersOf(
  { connector }: TargetLane,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  call: Call,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  for (const some of chunks([...asked.keys()], groupsPerCall))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page)
        if (asked.get(entitlement)?.has(member)) getOrAdd(found, entitlement, () => new Set()).add(member);
  return found;
}
