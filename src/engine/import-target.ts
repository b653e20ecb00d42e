import { buildManifests, type Imported } from "../core/import/build.ts";
import type { KindName } from "../core/kinds/kinds.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import { type AccountRecord, type EntitlementRef, entitlementKey } from "../core/model/account.ts";
import { chunks } from "./breathe.ts";
import type { TargetLane } from "./target-lane.ts";

/** Reads the accounts (by anchor) of an open target, and what they hold, and writes manifests for them. Changes nothing. */
export async function importTarget(
  lane: TargetLane,
  anchors: readonly string[],
  snapshot: Snapshot,
  now: number,
): Promise<Imported> {
  const { connector, model } = lane;
  const timeout = 600_000;
  const call = { signal: AbortSignal.timeout(timeout), deadline: now + timeout };
  const records: AccountRecord[] = [];
  for (const some of chunks(anchors, 1000)) records.push(...(await connector.fetch(some, call)));
  return buildManifests({
    model,
    records,
    entitlements: connector.capabilities.entitlements ? await held(lane, records, call) : [],
    taken: (kind: KindName, name: string) =>
      snapshot.objects[kind].has(name) || snapshot.unknown.has(`${kind}/${name}`),
    profiles: singleProfiles(snapshot, model.name),
  });
}

async function held(
  { connector, model }: TargetLane,
  records: readonly AccountRecord[],
  call: Parameters<TargetLane["connector"]["fetch"]>[1],
) {
  const names = new Map<string, string>();
  for await (const page of connector.scan("entitlements", call))
    for (const { anchor, name } of page) names.set(anchor, name);
  const anchors = new Map(records.map((record) => [connector.memberKey(record), record.anchor]));
  const members = new Map<string, Set<string>>([...names.keys()].map((anchor) => [anchor, new Set()]));
  for (const some of chunks([...names.keys()], 1000))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page) {
        const account = anchors.get(member);
        if (account !== undefined) members.get(entitlement)?.add(account);
      }
  return [...members].map(([anchor, accounts]) => ({
    ref: refOf(names.get(anchor) ?? anchor, model.schema.nameMatching),
    members: accounts,
  }));
}

/** Two groups may have one name: in a directory only the whole of it tells them apart. */
function refOf(name: string, matching: string): EntitlementRef {
  return { name, by: matching === "distinguishedName" && name.includes("=") ? "DN" : "Name" };
}

function singleProfiles(snapshot: Snapshot, target: string): ReadonlyMap<string, string> {
  const profiles = new Map<string, string>();
  for (const [name, { resource }] of snapshot.objects.AccessProfile) {
    const [only, ...others] = resource.spec.entitlements;
    if (only && others.length === 0 && resource.spec.target.name === target)
      profiles.set(entitlementKey(only), name);
  }
  return profiles;
}
