import type { Call, Connector, Sighting } from "../../connectors/contract.ts";
import type { TargetModel } from "../../core/desired/target-model.ts";
import { attributesRead, type ExportModel, readsOfAccount } from "../../core/export/model.ts";
import type { RowSubject } from "../../core/export/row.ts";
import { identityValue, viewClasses } from "../../core/expression/identity-value.ts";
import type { Snapshot } from "../../core/kinds/resource.ts";
import type { AccountRecord } from "../../core/model/account.ts";
import { getOrAdd } from "../../core/model/maps.ts";
import { type Attributes, attributeKey, type StoreSchema } from "../../core/model/values.ts";
import { boundsOf } from "../../core/plan/boundary.ts";
import { chunks } from "../breathe.ts";
import { callSize } from "../call-size.ts";
import type { Desires } from "../desires.ts";
import type { TargetLane } from "../target-lane.ts";
import { ExportFault } from "./fault.ts";
import { accessOf } from "./identities.ts";

/** An open target, ready to be exported. */
export interface AccountSource {
  readonly lane: TargetLane;
  readonly connector: Connector;
  /** What `account.attributes` has: the schema's names by those that expressions use. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Readies a target. Throws an `ExportFault` for an attribute that the store does not have, or that nobody may see. */
export async function accountSource(
  model: ExportModel,
  lane: TargetLane,
  { snapshot }: Desires,
  call: Call,
): Promise<AccountSource> {
  const named = attributesRead(model);
  const connector = named.length === 0 ? lane.connector : lane.reading(named);
  const schema = named.length === 0 ? lane.model.schema : await connector.schema(call);
  const sensitive = sensitiveIn(snapshot, lane.model, schema);
  const attributes = new Map(named.map((name) => [name, visible(name, sensitive, schema)]));
  if (readsOfAccount(model, "attributes"))
    for (const { attribute } of lane.model.mappings)
      if (!sensitive.has(attributeKey(schema, attribute.name)) && !attribute.secret)
        attributes.set(attribute.name, attribute.name);
  return { lane, connector, attributes };
}

/** The attributes that a Target of the same Store calls sensitive, and which Target that is: their accounts lie side by side. */
function sensitiveIn(
  { objects }: Snapshot,
  { store }: TargetModel,
  schema: StoreSchema,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, { resource }] of objects.Target)
    if (resource.spec.store.name === store)
      for (const [attribute, { sensitive }] of Object.entries(resource.spec.accounts.attributes))
        if (sensitive) found.set(attributeKey(schema, attribute), name);
  return found;
}

/** The schema's name of an attribute that an expression reads. */
function visible(written: string, sensitive: ReadonlyMap<string, string>, schema: StoreSchema): string {
  const key = attributeKey(schema, written);
  const attribute = schema.attributes.get(key);
  const refused = (why: string) => new ExportFault(`account.attributes.${written} ${why}`);
  if (!attribute) throw refused(`is none of the store's attributes`);
  if (attribute.secret) throw refused("holds a secret, which is never exported");
  const by = sensitive.get(key);
  if (by !== undefined) throw refused(`is sensitive in Target/${by}, and never exported`);
  return attribute.name;
}

/** What the rows of a target's accounts are made from, in the store's order: all of them, whoever they belong to. */
export async function* accountSubjects(
  model: ExportModel,
  { lane, connector, attributes }: AccountSource,
  desires: Desires,
  call: Call,
  now: number,
): AsyncGenerator<readonly RowSubject[]> {
  const entitlements = readsOfAccount(model, "entitlements")
    ? await heldEntitlements(connector, call)
    : undefined;
  const subject = (record: AccountRecord): RowSubject => {
    const account = new viewClasses.StoreAccount({
      ...record,
      target: lane.model.name,
      attributes: selected(record.attributes, attributes),
      entitlements: (entitlements?.get(connector.memberKey(record)) ?? []).toSorted(),
    });
    return {
      title: `account ${record.name}`,
      account,
      ...ownerOf(model, lane, record.anchor, desires, now),
    };
  };
  const isOurs = ownedBy(lane);
  for await (const page of connector.scan("accounts", call))
    for (const some of chunks(page.filter(isOurs), callSize)) {
      const anchors = some.map(({ anchor }) => anchor);
      const records = new Map(
        (await connector.fetch(anchors, call)).map((record) => [record.anchor, record]),
      );
      yield anchors.flatMap((anchor) => {
        const record = records.get(anchor);
        return record ? subject(record) : [];
      });
    }
}

/** Another target's of the same store are that one's to export, and what lies outside the Store's boundary is nobody's here. */
function ownedBy({ model, isClaimed }: TargetLane): (account: Sighting) => boolean {
  const isOutside = boundsOf({ ...model, storeSpec: { ...model.storeSpec, protected: [] } });
  return ({ anchor, name }) => !isClaimed(anchor) && !isOutside({ names: [name], accountNames: [name] });
}

function ownerOf(
  { reads }: ExportModel,
  lane: TargetLane,
  anchor: string,
  desires: Desires,
  now: number,
): Pick<RowSubject, "identity" | "access" | "state"> {
  const id = lane.index.at(anchor)?.identity;
  const resource = id === undefined ? undefined : desires.identity(id)?.resource;
  if (id === undefined || !resource) return { identity: undefined, access: [], state: "" };
  const { name, spec } = resource;
  return {
    identity: identityValue(name, spec),
    ...accessOf(reads, desires, { id, name, now, target: lane.model.name }),
  };
}

function selected(attributes: Attributes, names: ReadonlyMap<string, string>): Attributes {
  return Object.fromEntries([...names].map(([written, name]) => [written, attributes[name] ?? []]));
}

/** The names of the entitlements that accounts hold in the store, by member key. */
async function heldEntitlements(
  connector: Connector,
  call: Call,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const held = new Map<string, string[]>();
  if (!connector.capabilities.entitlements) return held;
  const names = new Map<string, string>();
  for await (const page of connector.scan("entitlements", call))
    for (const { anchor, name } of page) names.set(anchor, name);
  for (const some of chunks([...names.keys()], callSize))
    for await (const page of connector.memberships(some, call))
      for (const { entitlement, member } of page)
        getOrAdd(held, member, () => []).push(names.get(entitlement) ?? entitlement);
  return held;
}
