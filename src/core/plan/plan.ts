import type { EntitlementAccess, Unknowns } from "../access/access.ts";
import type { PlanItem } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import { sameValues } from "../model/matching.ts";
import { attributeKey } from "../model/values.ts";
import { protection } from "./boundary.ts";
import {
  type AccountCase,
  type Entitlements,
  type Finding,
  says,
  trim,
  type Verdict,
  verdict,
} from "./case.ts";
import { type ContestInput, contests } from "./contests.ts";
import { type PlanContext, report } from "./context.ts";
import { adopt } from "./correlate.ts";
import { diffAccount } from "./diff.ts";
import { accountItem, entitlementItem, subjectOf, wave } from "./item.ts";
import { keepLastMembers } from "./last-members.ts";
import { correlateAll, type Match } from "./matches.ts";
import { diffMemberships, type Holder } from "./memberships.ts";
import { holdReferences } from "./references.ts";
import { withSeen } from "./remember.ts";
import { orderByReference } from "./waves.ts";

/** What one target needs: everything that was found to differ, before any limit is applied. */
export interface Plan {
  readonly items: readonly PlanItem[];
  readonly findings: readonly Finding[];
  /** What is decided for accounts, by identity: the links and ledger entries to write. Those of which there is nothing to say are left out. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export interface PlanInput extends ContestInput {
  readonly entitlements: Entitlements;
  readonly isLinked: (identity: string) => boolean;
  readonly memberKey: (account: { readonly anchor: string; readonly name: string }) => string;
}

const nothingUnknown: Unknowns = { all: [], accounts: new Map(), entitlements: new Map() };

/**
 * Plans one target: correlate, diff accounts, diff memberships, order in waves. Pure. A generator, so that the engine can
 * let the process breathe: it yields after each account.
 */
export function* planTarget(context: PlanContext, input: PlanInput): Generator<void, Plan> {
  const conflicts = yield* contests(context, input);
  const matches = yield* correlateAll(context, input.cases, conflicts);
  const verdicts = new Map<string, Verdict>();
  const items: PlanItem[] = [];
  const findings: Finding[] = [];
  const isProtected = protection(context.model);
  for (const one of input.cases) {
    const out = verdict();
    const conflict = conflicts.get(one.identity);
    const match = matches.get(one.identity);
    const kept = match && isProtected(match.record);
    if (conflict !== undefined) report(context, one, out, "Conflict", conflict);
    // Nothing could come of it: a proposal that waits for somebody would wait for ever.
    else if (kept !== undefined)
      report(context, one, out, "Protected", `${kept}; it is not linked, and spec.links can cut it for good`);
    else planAccount(context, input, isProtected, adopted(context, one, match, out), out);
    if (out.items.length === 0 && isAsKnown(out.link, one.link)) delete out.link;
    if (says(out)) {
      if (one.link) out.known = one.link;
      if (one.holdings.length > 0) out.held = one.holdings;
      trim(out);
      verdicts.set(one.identity, out);
    }
    yield;
  }
  yield* holdReferences(context, input.isLinked, verdicts);
  if (context.model.schema.entitlementNeedsMember)
    yield* keepLastMembers(context, input.entitlements, verdicts);
  for (const out of verdicts.values()) {
    items.push(...out.items);
    findings.push(...out.findings);
    yield;
  }
  items.push(...(yield* ensureEntitlements(context, input)));
  return { items: yield* orderByReference(items, context.digestKey), findings, verdicts };
}

function isAsKnown(link: Link | undefined, known: Link | undefined): boolean {
  return JSON.stringify(link) === JSON.stringify(known);
}

/** The case as it is once the adoption that is part of this plan has been made. */
function adopted(
  context: PlanContext,
  one: AccountCase,
  match: Match | undefined,
  out: Verdict,
): AccountCase {
  if (!match || one.desired.presence !== "Present") return one;
  const { model } = context;
  const { record } = match;
  const proposed = one.pinned === undefined && !(model.spec.accounts.adopt === "Auto" && match.strong);
  out.items.push(
    accountItem(
      {
        ...subjectOf(model.name, one.identity, record),
        operation: "Adopt",
        wave: wave.State,
        attributes: [],
        reasons: [[{ source: "Match", name: "", detail: `by ${match.by}` }]],
        reversible: true,
        ...(proposed ? { proposed: true } : {}),
      },
      context.digestKey,
    ),
  );
  return { ...one, link: adopt(model, one, one.desired, record), record };
}

function planAccount(
  context: PlanContext,
  input: PlanInput,
  isProtected: ReturnType<typeof protection>,
  one: AccountCase,
  out: Verdict,
): void {
  diffAccount(context, one, out);
  noteSeen(one, out);
  const blocked = out.findings.some((finding) => finding.kind === "Conflict");
  const holder = holderOf(one, input, isProtected, out);
  if (!blocked && holder)
    diffMemberships(context, one, holder, one.unknown ?? nothingUnknown, input.entitlements, out);
}

/** What is told of an account and never changed: it is remembered whether or not the rest is as desired. */
function noteSeen({ record }: AccountCase, out: Verdict): void {
  if (!record) return;
  out.seen = { protected: record.protected, trouble: record.trouble ?? [] };
  if (out.link) out.link = withSeen(out.link, out.seen);
}

function holderOf(
  one: AccountCase,
  input: PlanInput,
  isProtected: ReturnType<typeof protection>,
  out: Verdict,
): Holder | undefined {
  const { link, record } = one;
  if (link && record !== null) {
    const account = { anchor: link.anchor, name: record?.name ?? link.name };
    const kept = isProtected({ ...account, protected: (record ?? link).protected });
    return { ...account, memberKey: input.memberKey(account), fresh: false, protected: kept };
  }
  const created = out.items.find((item) => item.operation === "Create");
  return created && { name: created.name, fresh: true };
}

/** Entitlements that a profile declares with `ensure: true`: created where missing, their declared attributes kept. */
function* ensureEntitlements(context: PlanContext, input: PlanInput): Generator<void, readonly PlanItem[]> {
  const declared = new Map<string, EntitlementAccess>();
  const lists = new Set<ReadonlyMap<string, EntitlementAccess>>();
  for (const { desired } of input.cases) {
    if (desired.presence === "Present") lists.add(desired.entitlements);
    yield;
  }
  for (const list of lists)
    for (const [key, access] of list) if (access.ensure && !declared.has(key)) declared.set(key, access);
  const items: PlanItem[] = [];
  for (const [key, access] of declared) {
    const record = input.entitlements.byKey.get(key);
    if (record === undefined) continue;
    const { schema } = context.model;
    const attributes = Object.entries(access.ensure?.attributes ?? {})
      .map(([name, after]) => ({ name, before: record?.attributes[name] ?? [], after }))
      .filter(
        (delta) =>
          !sameValues(
            schema.attributes.get(attributeKey(schema, delta.name)) ?? { matching: "caseExact" },
            delta.before,
            delta.after,
          ),
      );
    if (record && attributes.length === 0) continue;
    const kept = record ? input.entitlements.protected.get(record.anchor) : undefined;
    items.push(
      entitlementItem({
        target: context.model.name,
        identity: "",
        ...(record ? { anchor: record.anchor } : {}),
        name: record?.name ?? access.ref.name,
        operation: record ? "Update" : "Create",
        wave: wave.Entitlements,
        entitlement: access.ref,
        attributes,
        reasons: access.reasons.slice(0, 1),
        reversible: true,
        ...(kept === undefined ? {} : { protected: kept }),
      }),
    );
  }
  return items;
}
