import type { Call } from "../connectors/contract.ts";
import type { AccountRecord } from "../core/model/account.ts";
import { type FormerAccount, formerAccount, type Holding, type Link } from "../core/model/link.ts";
import { normalise, sameValues } from "../core/model/matching.ts";
import { givenText, unknownPassword } from "../core/model/password.ts";
import { attributeKey, type Values, valuesOf } from "../core/model/values.ts";
import { strongKeysOf } from "../core/plan/remember.ts";
import { applyPatch, type Image, isMasked } from "../report/patch.ts";
import type { Batch, BatchResult, Intent } from "../state/state.ts";
import { lineOf } from "./journal-line.ts";
import { callFor, type Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";

/**
 * Looks up what was begun and never finished: the process was killed, or the store's answer was lost (law 7). What was done is
 * remembered and journalled as done; what was not is journalled as failed, and planned anew like everything else.
 */
export async function recover(parts: Parts, lane: TargetLane): Promise<number> {
  const batches = await parts.state.openBatches(lane.model.name);
  for (const batch of batches) await recoverBatch(parts, lane, batch);
  return batches.length;
}

async function recoverBatch(parts: Parts, lane: TargetLane, batch: Batch): Promise<void> {
  const call = callFor(parts, 300_000);
  const writes: {
    links: Link[];
    unlink: { target: string; identity: string }[];
    formerAccounts: FormerAccount[];
    holdings: Holding[];
    dropHoldings: Omit<Holding, "name" | "origin" | "reasons">[];
    entitlements: { target: string; anchor: string; name: string; version: string }[];
  } = {
    links: [],
    unlink: [],
    formerAccounts: [],
    holdings: [],
    dropHoldings: [],
    entitlements: [],
  };
  const journal: NonNullable<BatchResult["journal"]>[number][] = [];
  const known = await linksOf(parts, lane, batch);
  for (const begun of batch.intents) {
    const intent = await withAnchor(lane, begun, call);
    const link = known.get(intent.identity);
    const found = await lookUp(lane, intent, link, call);
    journal.push(
      found.done
        ? lineOf(intent, {
            ...(isPasswordOfKnown(intent) ? passwordInDoubt(intent) : { result: "Done" }),
            ...(found.record ? { anchor: found.record.anchor, name: found.record.name } : {}),
          })
        : lineOf(intent, { result: "Failed", error: "looked up after it was cut off: it had not been done" }),
    );
    if (!found.done) continue;
    const { target, identity } = intent;
    const entitlement = intent.entitlement;
    if (intent.operation === "Delete") {
      writes.unlink.push({ target, identity });
      const gone = link && formerAccount(link);
      if (gone) writes.formerAccounts.push(gone);
    } else if (intent.operation === "Grant" && entitlement !== undefined) {
      const name = entitlementName(intent);
      const { reasons } = intent;
      writes.holdings.push({ target, identity, entitlement, name, origin: "Granted", reasons });
      // Watched from now on; no version is the one it has, so the next pass reads its members.
      writes.entitlements.push({ target, anchor: entitlement, name, version: "" });
    } else if (intent.operation === "Revoke" && entitlement !== undefined)
      writes.dropHoldings.push({ target, identity, entitlement });
    else if (found.record) {
      const next = linkAfter(lane, intent, link, found.record);
      known.set(identity, next);
      writes.links = [...writes.links.filter((each) => each.identity !== identity), next];
    }
  }
  await parts.state.finish({ batch: batch.id, ...writes, journal });
  for (const { identity } of writes.unlink) lane.index.drop(identity);
  for (const link of writes.links) lane.index.put(link);
  for (const { target: _, ...seen } of writes.entitlements) lane.entitlements.set(seen.anchor, seen);
}

async function linksOf(parts: Parts, lane: TargetLane, batch: Batch): Promise<Map<string, Link>> {
  const identities = [...new Set(batch.intents.map((intent) => intent.identity))];
  return new Map(
    (await parts.state.linksOf(lane.model.name, identities)).map((link) => [link.identity, link]),
  );
}

/** A group that was to be created in the same batch was known by its name alone when the intent was written. */
async function withAnchor(lane: TargetLane, intent: Intent, call: Call): Promise<Intent> {
  const { entitlement, operation } = intent;
  if (operation !== "Grant" || entitlement === undefined || entitlement !== entitlementName(intent))
    return intent;
  const [found] = await lane.connector.entitlements([{ name: entitlement, by: "Name" }], call);
  const { entitlement: _, ...unknown } = intent;
  return found ? { ...intent, entitlement: found.anchor } : unknown;
}

/** No store tells whether a password is the one that was set. */
function passwordInDoubt(intent: Intent): { readonly result: "InDoubt"; readonly error: string } {
  const next = isOursToSet(intent) ? "it is set again" : "give it once more";
  const error = `looked up after it was cut off: whether the password was set cannot be told, ${next}`;
  return { result: "InDoubt", error };
}

/** One that a person gave is known to nobody here: another in its place would be one that nobody asked for. */
function isOursToSet(intent: Intent): boolean {
  const { password } = imageAfter(intent);
  return password !== undefined && password !== givenText;
}

function isPasswordOfKnown(intent: Intent): boolean {
  return intent.operation === "Update" && imageAfter(intent).password !== undefined;
}

function imageAfter(intent: Intent): Image {
  return applyPatch(intent.before as Image, intent.patch);
}

interface LookedUp {
  readonly done: boolean;
  readonly record?: AccountRecord;
}

async function lookUp(
  lane: TargetLane,
  intent: Intent,
  link: Link | undefined,
  call: Call,
): Promise<LookedUp> {
  const { connector } = lane;
  const after = imageAfter(intent);
  if (intent.operation === "Grant" || intent.operation === "Revoke") {
    const account = link ?? (intent.anchor === "" ? undefined : { anchor: intent.anchor, name: intent.name });
    if (!account || intent.entitlement === undefined) return { done: false };
    const member = await isMember(lane, intent.entitlement, connector.memberKey(account), call);
    return { done: member === (intent.operation === "Grant") };
  }
  if (intent.identity === "")
    return {
      done: (await connector.entitlements([{ name: intent.name, by: "Name" }], call))[0] !== undefined,
    };
  if (intent.operation === "Create") return created(lane, intent, after, call);
  const [record] = await connector.fetch([intent.anchor], call);
  if (intent.operation === "Delete") return { done: record === undefined };
  if (!record) return { done: false };
  return { done: shows(lane, record, intent.before as Image, after), record };
}

async function created(lane: TargetLane, intent: Intent, after: Image, call: Call): Promise<LookedUp> {
  const { connector, index } = lane;
  // One that was deleted and is there again was brought back, whatever else of it was not done yet.
  const [former] = intent.anchor === "" ? [] : await connector.fetch([intent.anchor], call);
  const [named] = former ? [] : ((await connector.find([{ keys: {}, name: intent.name }], call))[0] ?? []);
  const record = former ?? named;
  const owner = record && index.at(record.anchor)?.identity;
  if (!record || (owner !== undefined && owner !== intent.identity)) return { done: false };
  if (former) return { done: true, record };
  // Somebody else may have made an account of this name meanwhile: only one that bears our values is ours.
  const isOurs = Object.keys(after.attributes ?? {}).length > 0;
  const { enabled: _, ...values } = after;
  // It may not have come to be enabled yet: that is the last of what makes an account with a password.
  const wanted = after.password === undefined ? after : values;
  return { done: isOurs && shows(lane, record, intent.before as Image, wanted), record };
}

/** Whether the record is as the change would have left it. Masked values cannot be told, and are taken on trust. */
function shows(lane: TargetLane, record: AccountRecord, before: Image, after: Image): boolean {
  const { schema } = lane.model;
  if (after.enabled !== undefined && record.enabled !== undefined && record.enabled !== after.enabled)
    return false;
  const form = (name: string) => normalise(schema.nameMatching, name);
  if (after.name !== undefined && form(after.name) !== form(record.name)) return false;
  const cleared = Object.fromEntries(Object.keys(before.attributes ?? {}).map((name) => [name, []]));
  return Object.entries({ ...cleared, ...after.attributes }).every(([name, values]: [string, Values]) => {
    const attribute = schema.attributes.get(attributeKey(schema, name)) ?? {
      matching: "caseIgnore" as const,
    };
    return values.some(isMasked) || sameValues(attribute, valuesOf(record.attributes, name), values);
  });
}

async function isMember(lane: TargetLane, entitlement: string, member: string, call: Call): Promise<boolean> {
  for await (const page of lane.connector.memberships([entitlement], call))
    if (page.some((each) => each.member === member)) return true;
  return false;
}

/** The link after a change that was found done: `seen` and `desired` are left out, so that the account is read and compared. */
function linkAfter(lane: TargetLane, intent: Intent, link: Link | undefined, record: AccountRecord): Link {
  const base: Link = link ?? {
    target: intent.target,
    identity: intent.identity,
    anchor: record.anchor,
    name: record.name,
    origin: "Created",
    strongKeys: strongKeysOf(lane.model, record),
    status: "Enabled",
    applied: {},
    decided: {},
    reasons: intent.reasons,
  };
  const { seen: _, desired: __, disabledAt, ...rest } = base;
  const isPrepared = intent.operation === "Create" && record.enabled === false;
  const isDisabled = intent.operation === "Disable" || isPrepared;
  const status = isDisabled ? "Disabled" : intent.operation === "Enable" ? "Enabled" : base.status;
  return {
    ...rest,
    anchor: record.anchor,
    name: record.name,
    status,
    ...(status === "Disabled" ? { disabledAt: disabledAt ?? intent.at } : {}),
    // The next plan sets another one: this one may have been lost on the way.
    ...(isOursToSet(intent) ? { password: unknownPassword } : {}),
  };
}

function entitlementName(intent: Intent): string {
  const after = imageAfter(intent);
  return after.entitlements?.[0] ?? intent.entitlement ?? "";
}
