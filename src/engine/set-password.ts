import { StoreError } from "../connectors/errors.ts";
import type { DesiredAccount } from "../core/desired/desired.ts";
import type { TargetModel } from "../core/desired/target-model.ts";
import { identityValue } from "../core/expression/identity-value.ts";
import { identityId } from "../core/kinds/identity-id.ts";
import type { Resource } from "../core/kinds/resource.ts";
import type { AccountRecord } from "../core/model/account.ts";
import type { PlanItem } from "../core/model/change.ts";
import type { Link } from "../core/model/link.ts";
import {
  generatedPassword,
  givenPassword,
  type PasswordChange,
  type PasswordPlace,
  placeText,
} from "../core/model/password.ts";
import type { Verdict } from "../core/plan/case.ts";
import { accountItem, subjectOf, wave } from "../core/plan/item.ts";
import type { Plan } from "../core/plan/plan.ts";
import { heir } from "../core/plan/remember.ts";
import { applyPlan } from "./apply.ts";
import { inSlices } from "./breathe.ts";
import type { Desires } from "./desires.ts";
import { guardPlan } from "./guard-plan.ts";
import { Ledger } from "./ledger.ts";
import { callFor, type Parts } from "./parts.ts";
import { recover } from "./recover.ts";
import { nothingDone, reportOf, type TargetReport } from "./run.ts";
import type { TargetLane } from "./target-lane.ts";

/** What a person asks for. */
export interface PasswordOrder {
  readonly target: string;
  /** The identity's `id`, or its object's name. */
  readonly identity: string;
  /** Undefined: one is generated, and delivered as the target says. */
  readonly value?: string | undefined;
  /** Undefined: as the target says of initial ones; for one that is given, it need not be changed. */
  readonly mustChange?: boolean | undefined;
  /** Who asks, for the journal. */
  readonly by: string;
}

/**
 * Sets the password of one linked account, as a person asks for it: with the same guard, the same order and the same journal as any change.
 * The report's error says why it was not done.
 */
export async function setPassword(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  order: PasswordOrder,
): Promise<TargetReport> {
  try {
    await recover(parts, lane);
    const { link, record, place } = await find(parts, lane, desires, order);
    const item = itemOf(parts, lane, order, { link, record, place });
    const verdict = verdictOf(item, link, record);
    const plan: Plan = { items: [item], findings: [], verdicts: new Map([[link.identity, verdict]]) };
    const options = { planOnly: false, shown: { has: () => true }, pass: false, full: false };
    const { guarded } = await guardPlan(parts, lane, plan, options);
    const [held] = guarded.withheld;
    if (held) throw new StoreError("Denied", `cannot set the password of ${item.name}: ${held.reason}`);
    lane.vainDeliveries.forget(link.identity);
    const ledger = new Ledger(lane, plan);
    await inSlices(ledger.expect(guarded));
    const { revision } = desires.snapshot;
    const given = order.value === undefined ? {} : { password: order.value };
    const applied = await applyPlan(parts, {
      ...{ lane, guarded, ledger, revision, approvedBy: () => undefined },
      ...given,
    });
    // The store is no longer what the last scan saw.
    lane.marker = undefined;
    lane.open.add(link.identity);
    return reportOf(lane, { ...nothingDone, plan, guarded, applied, error: undefined });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return reportOf(lane, { ...nothingDone, error });
  }
}

interface Found {
  readonly link: Link;
  readonly record: AccountRecord;
  /** Where a generated one goes. */
  readonly place: PasswordPlace | undefined;
}

async function find(
  parts: Parts,
  lane: TargetLane,
  desires: Desires,
  { identity: named, value }: PasswordOrder,
): Promise<Found> {
  const { model, connector } = lane;
  const object = theOne(desires, named);
  const identity = object ? identityId(object) : named;
  const [link] = await parts.state.linksOf(model.name, [identity]);
  if (!link) throw new StoreError("NotFound", `${named} has no account in target ${model.name}`);
  const objection = ownership(desires.desire(model.name, identity, parts.clock.now()), {
    lane,
    link,
    object,
  });
  if (objection) throw new StoreError("Conflict", objection);
  const [record] = await connector.fetch([link.anchor], callFor(parts, 60_000));
  if (!record) throw new StoreError("NotFound", `the account ${link.name} of ${named} is gone`);
  if (model.tasks || !connector.capabilities.passwords)
    throw new StoreError("Invalid", `the store of target ${model.name} cannot set passwords`);
  return { link, record, place: placeFor(model, named, object, value) };
}

/** The identity that is meant by an `id` or by an object's name. */
function theOne(desires: Desires, named: string): Resource<"Identity"> | undefined {
  const byName = desires.snapshot.objects.Identity.get(named)?.resource;
  const byId = desires.identity(named)?.resource;
  if (byName && byId && byName !== byId)
    throw new StoreError(
      "Conflict",
      `${named} is the id of Identity/${byId.name}, and the name of another: say ${byId.name} for the one, ${identityId(byName)} for the other`,
    );
  return byName ?? byId;
}

/** Why whoever is called this now is not who has the account: a password for it would go to somebody else. */
function ownership(
  desired: DesiredAccount,
  { lane, link, object }: { lane: TargetLane; link: Link; object: Resource<"Identity"> | undefined },
): string | undefined {
  const { model } = lane;
  if (desired.presence === "Cut") return `${link.name} is cut from ${link.identity} by spec.links`;
  const pinned = object?.spec.links?.find(({ target }) => target === model.name)?.anchor;
  return desired.presence === "Present" ? heir({ model }, link, desired, pinned) : undefined;
}

/** Where one that is generated goes. */
function placeFor(
  { name, passwords }: TargetModel,
  named: string,
  object: Resource<"Identity"> | undefined,
  value: string | undefined,
): PasswordPlace | undefined {
  // One that is given goes nowhere else.
  if (value !== undefined && passwords?.how !== "Read") return undefined;
  const place = object && passwords?.place({ identity: identityValue(object.name, object.spec) });
  if (place && "held" in place) throw new StoreError("Invalid", place.held);
  if (passwords?.how === "Read" && place)
    throw new StoreError(
      "Invalid",
      `the password of ${named} is what ${placeText(place)} holds: change it there`,
    );
  if (value === undefined && !place)
    throw new StoreError(
      "Invalid",
      `target ${name} has no place for a new password of ${named}: see its spec.passwords.initial, or set one yourself`,
    );
  return place;
}

function itemOf(
  parts: Parts,
  { model }: TargetLane,
  { value, mustChange, by }: PasswordOrder,
  { link, record, place }: Found,
): PlanItem {
  const isGiven = value !== undefined;
  const password: PasswordChange = {
    how: isGiven ? "Given" : "Generated",
    ...(!isGiven && place && { place }),
    version: isGiven ? givenPassword : generatedPassword,
    mustChange: mustChange ?? (!isGiven && model.passwords?.mustChange === true),
    replaces: true,
  };
  const detail = isGiven ? "set its password" : "reset its password";
  return accountItem(
    {
      ...subjectOf(model.name, link.identity, record),
      operation: "Update",
      wave: wave.Accounts,
      attributes: [],
      password,
      before: record,
      reasons: [[{ source: "Person", name: by, detail }]],
      reversible: false,
    },
    parts.state.digestKey,
  );
}

/** What else may differ of the account is for the next run: only one that was found converged stays so. */
function verdictOf(item: PlanItem, link: Link, record: AccountRecord): Verdict {
  const { target, identity } = link;
  const message = "it has changed since it was last looked at";
  const isKnown = link.seen === record.version;
  return {
    items: [item],
    findings: isKnown ? [] : [{ kind: "Drift", target, identity, message }],
    known: link,
    link: { ...link, name: record.name },
    holdings: [],
    dropHoldings: [],
  };
}
