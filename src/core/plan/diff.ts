import type { DesiredAccount } from "../desired/desired.ts";
import type { AccountRecord } from "../model/account.ts";
import type { AccountItem, ReasonChain } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import { normalise } from "../model/matching.ts";
import { attributeDeltas, firstValues } from "./attribute-deltas.ts";
import type { AccountCase, Verdict } from "./case.ts";
import { canDisable, canRename, forget, type PlanContext, report } from "./context.ts";
import { depart } from "./depart.ts";
import { accountItem, subjectOf, wave } from "./item.ts";
import { firstPassword, laterPassword, passwordReasons } from "./passwords.ts";
import { heir, isProvenOwner, remember } from "./remember.ts";

/**
 * Decides what to do about one account. Correlation has been done: an unlinked case has no account that is its own.
 *
 * ```
 *  desired    link   record            what happens
 *  ─────────  ─────  ────────────────  ─────────────────────────────────────────────────────────────
 *  Present    none   –                 Create; one that is gone is brought back, where the store can
 *  Present    yes    there             Update what differs; Enable what we disabled
 *  Present    yes    disabled outside  reported (or Enable, where the target says Repair)
 *  Present    yes    gone              reported (or Create anew, where the target says Repair)
 *  None       yes    there             Disable, later Delete: depart.ts
 *  None       yes    gone              the link is forgotten
 *  None, Cut  none   –                 nothing
 *  Disabled   yes    there             Disable at once, and nothing else
 *  Disabled   none   –                 reported: no account is created
 *  Cut        yes    any               the link is forgotten, the account stays as it is
 *  Held       any    any               nothing, reported
 *  Pending    any    any               nothing yet, reported
 * ```
 */
export function diffAccount(context: PlanContext, one: AccountCase, out: Verdict): void {
  const { desired, link, record } = one;
  if (desired.presence === "Held" || desired.presence === "Pending")
    report(context, one, out, desired.presence, desired.reason);
  else if (desired.presence === "Cut") {
    if (link) forget(context, link, out, "cut by spec.links");
  } else if (desired.presence === "Disabled") {
    if (link && record) disable(context, one, link, record, out);
    else if (!link)
      report(context, one, out, "Held", "an emergency disable is in force: no account is created");
  } else if (desired.presence === "None") {
    if (link && record === null) {
      const { unsettledSince } = desired;
      const since = unsettledSince === undefined ? {} : { unsettledSince };
      forget(context, link, out, "the account is gone", { lost: true, ...since });
    } else if (link && record) depart(context, one, link, record, desired, out);
  } else if (!link) create(context, one, desired, out);
  else if (record === null) missing(context, one, link, desired, out);
  else if (record) converge(context, one, link, record, desired, out);
  // Not read: its own attributes have not changed, only its memberships are looked at.
  else if (link.desired?.startsWith(`${desired.hash}/`))
    out.link = { ...link, desired: `${desired.hash}/${desired.entitlementsHash}`, reasons: desired.reasons };
}

type Present = Extract<DesiredAccount, { presence: "Present" }>;

function create(context: PlanContext, one: AccountCase, desired: Present, out: Verdict): void {
  const password = firstPassword(context, one, desired);
  if ("held" in password) {
    report(context, one, out, "Held", `is not created without its password: ${password.held}`);
    return;
  }
  out.items.push(
    accountItem(
      {
        ...subjectOf(context.model.name, one.identity, { name: desired.name }),
        operation: "Create",
        wave: wave.Accounts,
        attributes: firstValues(desired),
        reasons: desired.reasons,
        reversible: true,
        ...(password.change && { password: password.change }),
        ...formerly(context, one, desired),
        ...(desired.refersTo.length > 0 ? { after: desired.refersTo } : {}),
      },
      context.digestKey,
    ),
  );
  const fresh: Link = {
    target: context.model.name,
    identity: one.identity,
    anchor: "",
    name: desired.name,
    origin: "Created",
    strongKeys: {},
    status: "Enabled",
    applied: {},
    decided: {},
    reasons: [],
  };
  out.link = remember(
    fresh,
    { anchor: "", name: desired.name, version: "", enabled: true, attributes: {} },
    desired,
    context,
  );
}

/** What this very person had before; somebody else under the same id does not inherit it. */
function formerly(
  context: PlanContext,
  { former, pinned }: AccountCase,
  desired: Present,
): Pick<AccountItem, "formerly"> {
  if (!context.can.restore || !former || !isProvenOwner(context, former, desired, pinned)) return {};
  return { formerly: former.anchor };
}

/** In an emergency: one change that stands on nothing else, of which nothing else can hold it up. */
function disable(
  context: PlanContext,
  one: AccountCase,
  link: Link,
  record: AccountRecord,
  out: Verdict,
): void {
  if (!canDisable(context, record)) {
    report(
      context,
      one,
      out,
      "Held",
      "an emergency disable is in force, and the store cannot disable: do it there by hand",
    );
    return;
  }
  if (record.enabled === false) {
    out.link = { ...link, name: record.name, seen: record.version, desired: "Disabled/Disabled" };
    return;
  }
  out.items.push(
    accountItem(
      {
        ...subjectOf(context.model.name, one.identity, record),
        operation: "Disable",
        wave: wave.Emergency,
        attributes: [],
        before: record,
        reasons: [[{ source: "Lifecycle", name: "", detail: "emergency: Disable" }]],
        reversible: true,
        emergency: true,
      },
      context.digestKey,
    ),
  );
  out.link = {
    ...link,
    name: record.name,
    status: "Disabled",
    disabledAt: context.now,
    seen: record.version,
    desired: "Disabled/Disabled",
  };
}

function missing(context: PlanContext, one: AccountCase, link: Link, desired: Present, out: Verdict): void {
  if (context.model.spec.outside.missing === "Repair") create(context, one, desired, out);
  else
    report(
      context,
      one,
      out,
      "Outside",
      `${link.name} was deleted by somebody else; outside.missing: Repair creates it anew`,
    );
}

function converge(
  context: PlanContext,
  one: AccountCase,
  link: Link,
  record: AccountRecord,
  desired: Present,
  out: Verdict,
): void {
  const { model } = context;
  const stranger = heir(context, link, desired, one.pinned);
  if (stranger) {
    report(context, one, out, "Conflict", stranger);
    return;
  }
  const base = {
    ...subjectOf(model.name, one.identity, record),
    attributes: [],
    before: record,
    reversible: true,
  };
  const drifted = link.desired?.startsWith(`${desired.hash}/`) === true;
  const reasons: readonly ReasonChain[] = drifted
    ? [[{ source: "Drift", name: "", detail: "changed by somebody else" }]]
    : desired.reasons;
  const attributes = attributeDeltas(desired, record, (message) =>
    report(context, one, out, "Drift", message),
  );
  const isOurs = link.status === "Disabled";
  const returns = record.enabled === false && (isOurs || model.spec.outside.disabled === "Repair");
  const due = laterPassword(context, one, { link, desired, enables: returns && isOurs });
  const enables = returns && !("held" in due && due.holdsAll);
  if ("held" in due) {
    const how = due.holdsAll ? "is not enabled without a new password" : "keeps its password";
    report(context, one, out, "Held", `${how}: ${due.held}`);
  }
  const password = "held" in due ? undefined : due.change;
  const matching = model.schema.nameMatching;
  // Where it lies may be how somebody disabled it: it keeps its place for as long as it keeps that state.
  const renamed =
    (record.enabled !== false || enables) &&
    normalise(matching, desired.name) !== normalise(matching, record.name) &&
    desired.name !== "";
  const renames = renamed && canRename(context, record);
  if (renamed && !renames)
    report(context, one, out, "Held", `cannot be renamed to ${desired.name}: the store cannot rename`);
  const rename = renames ? desired.name : undefined;
  const push = (item: Partial<AccountItem> & Pick<AccountItem, "operation">) =>
    out.items.push(accountItem({ ...base, wave: wave.Accounts, reasons, ...item }, context.digestKey));
  const differs = attributes.length > 0 || rename !== undefined;
  if (differs || (password && !enables))
    push({
      operation: "Update",
      attributes,
      reasons: [...(differs ? reasons : []), ...(enables ? [] : passwordReasons(password))],
      ...(password && !enables ? { password } : {}),
      ...(rename === undefined ? {} : { rename }),
      ...(desired.refersTo.length > 0 ? { after: desired.refersTo } : {}),
    });
  // Set before it can be used.
  if (enables) push({ operation: "Enable", reasons: desired.reasons, ...(password && { password }) });
  else if (record.enabled === false && !returns)
    report(
      context,
      one,
      out,
      "Outside",
      `${record.name} was disabled by somebody else; outside.disabled: Repair enables it again`,
    );
  out.link = remember(link, record, desired, context);
}
