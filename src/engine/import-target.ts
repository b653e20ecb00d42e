import type { Call } from "../connectors/contract.ts";
import { buildManifests, type HeldEntitlement, type Imported } from "../core/import/build.ts";
import type { Remark } from "../core/import/remark.ts";
import type { KindName } from "../core/kinds/kinds.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import { type AccountRecord, type EntitlementRef, entitlementKey } from "../core/model/account.ts";
import { foldText } from "../core/model/distinguished-name.ts";
import { protection } from "../core/plan/boundary.ts";
import { chunks, inSlices } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import type { TargetLane } from "./target-lane.ts";

/** Reads the accounts (by anchor) of an open target, and what they hold, and writes manifests for them. Changes nothing. */
export async function importTarget(
  lane: TargetLane,
  anchors: readonly string[],
  snapshot: Snapshot,
  now: number,
): Promise<Imported> {
  const { connector, model, index } = lane;
  const timeout = 600_000;
  const call = { signal: AbortSignal.timeout(timeout), deadline: now + timeout };
  const records: AccountRecord[] = [];
  for (const some of chunks(anchors, callSize)) records.push(...(await connector.fetch(some, call)));
  const { entitlements, remarks } = connector.capabilities.entitlements
    ? await readHeld(lane, records, call)
    : { entitlements: [], remarks: [] };
  const imported = await inSlices(
    buildManifests({
      model,
      records,
      entitlements,
      ownerOfProof: (proof) => index.ownerOfProof(proof),
      declared: userNames(snapshot),
      taken: (kind: KindName, name: string) =>
        snapshot.objects[kind].has(name) || snapshot.unknown.has(`${kind}/${name}`),
      profiles: singleProfiles(snapshot, model.name),
    }),
  );
  return { ...imported, remarks: [...imported.remarks, ...remarks] };
}

interface Held {
  readonly entitlements: readonly HeldEntitlement[];
  readonly remarks: readonly Remark[];
}

async function readHeld(lane: TargetLane, records: readonly AccountRecord[], call: Call): Promise<Held> {
  const { connector, model, index } = lane;
  const names = new Map<string, string>();
  for await (const page of connector.scan("entitlements", call))
    for (const { anchor, name } of page) names.set(anchor, name);
  const accounts = new Map(records.map((record) => [connector.memberKey(record), record.anchor]));
  for (const link of index.entries()) accounts.set(connector.memberKey(link), link.anchor);
  const groups = new Set([...names].map(([anchor, name]) => connector.memberKey({ anchor, name })));
  const members = new Map<string, Set<string>>([...names.keys()].map((anchor) => [anchor, new Set()]));
  const remarks: Remark[] = [];
  for (const some of chunks([...names.keys()], callSize))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page) {
        const account = accounts.get(member);
        if (account !== undefined) members.get(entitlement)?.add(account);
        else {
          const kind = groups.has(member) ? "NestedGroup" : "UnknownMember";
          remarks.push({ kind, name: names.get(entitlement) ?? entitlement, detail: member });
        }
      }
  const kept = await protectedAmong(lane, [...names.keys()], call);
  const entitlements = [...members].map(([anchor, holders]) => ({
    ref: refOf(names.get(anchor) ?? anchor, model.schema.nameMatching),
    members: holders,
    protected: kept.get(anchor),
  }));
  return { entitlements, remarks };
}

async function protectedAmong(
  { connector, model }: TargetLane,
  anchors: readonly string[],
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const isProtected = protection(model);
  const kept = new Map<string, string>();
  for (const some of chunks(anchors, callSize))
    for (const record of await connector.entitlements(
      some.map((name) => ({ name, by: "Id" })),
      call,
    )) {
      const why = record && isProtected(record);
      if (record && why !== undefined) kept.set(record.anchor, record.protected ?? why);
    }
  return kept;
}

/** Two groups may have one name: in a directory only the whole of it tells them apart. */
function refOf(name: string, matching: string): EntitlementRef {
  return { name, by: matching === "distinguishedName" && name.includes("=") ? "DN" : "Name" };
}

function userNames({ objects }: Snapshot): ReadonlyMap<string, string> {
  return new Map(
    [...objects.Identity].map(([name, { resource }]) => [foldText(resource.spec.userName), name]),
  );
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
