import type { EntitlementAccess, Unknowns } from "../access/access.ts";
import type { PlanItem } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import { protection } from "./boundary.ts";
import {
  type AccountCase,
  type Entitlements,
  type Finding,
  type Subject,
  says,
  trim,
  type Verdict,
  verdict,
} from "./case.ts";
import { contests, type Owners } from "./contests.ts";
import { type PlanContext, report } from "./context.ts";
import { adopt } from "./correlate.ts";
import { diffAccount } from "./diff.ts";
import { ensureEntitlements } from "./ensure.ts";
import { accountItem, subjectOf, wave } from "./item.ts";
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
  /** What is decided for accounts, by identity: the links and ledger entries to write. Those of which there is nothing to say are left out; who carries them out lets go of what is done. */
  readonly verdicts: Map<string, Verdict>;
}

export interface PlanInput extends Owners {
  readonly entitlements: Entitlements;
  readonly isLinked: (identity: string) => boolean;
  readonly memberKey: (account: { readonly anchor: string; readonly name: string }) => string;
}

const nothingUnknown: Unknowns = { all: [], accounts: new Map(), entitlements: new Map() };

/**
 * Plans one target: correlate, diff accounts, diff memberships, order in waves. Pure. First everybody in hand is told apart, then their cases
 * are taken, in as many pieces as one likes: none is kept. All that is long is a generator, so that the engine can let the process
 * breathe: it yields after each account.
 */
export class Planning {
  readonly #context: PlanContext;
  readonly #input: PlanInput;
  readonly #isProtected: ReturnType<typeof protection>;
  readonly #verdicts = new Map<string, Verdict>();
  /** Entitlements that are to be made where they are missing. */
  readonly #ensured = new Map<string, EntitlementAccess>();
  #conflicts: ReadonlyMap<string, string> = new Map();
  #matches: ReadonlyMap<string, Match> = new Map();

  constructor(context: PlanContext, input: PlanInput) {
    this.#context = context;
    this.#input = input;
    this.#isProtected = protection(context.model);
  }

  *correlate(subjects: readonly Subject[]): Generator<void, void> {
    const conflicts = yield* contests(this.#context, subjects, this.#input);
    this.#matches = yield* correlateAll(this.#context, subjects, conflicts);
    this.#conflicts = conflicts;
  }

  *take(cases: readonly AccountCase[]): Generator<void, void> {
    for (const one of cases) {
      const out = this.#decide(one);
      if (one.desired.presence === "Present")
        for (const [key, access] of one.desired.entitlements)
          if (access.ensure && !this.#ensured.has(key)) this.#ensured.set(key, access);
      if (says(out)) {
        if (one.link) out.known = one.link;
        if (one.holdings.length > 0) out.held = one.holdings;
        trim(out);
        this.#verdicts.set(one.identity, out);
      }
      yield;
    }
  }

  *plan(): Generator<void, Plan> {
    const { model, digestKey } = this.#context;
    const { entitlements, isLinked } = this.#input;
    const verdicts = this.#verdicts;
    yield* holdReferences(this.#context, isLinked, verdicts);
    if (model.schema.entitlementNeedsMember) yield* keepLastMembers(this.#context, entitlements, verdicts);
    const items: PlanItem[] = [];
    const findings: Finding[] = [];
    for (const out of verdicts.values()) {
      items.push(...out.items);
      findings.push(...out.findings);
      yield;
    }
    items.push(...ensureEntitlements(this.#context, this.#ensured, entitlements));
    return { items: yield* orderByReference(items, digestKey), findings, verdicts };
  }

  #decide(one: AccountCase): Verdict {
    const context = this.#context;
    const out = verdict();
    const conflict = this.#conflicts.get(one.identity);
    const match = this.#matches.get(one.identity);
    const kept = match && this.#isProtected(match.record);
    if (conflict !== undefined) report(context, one, out, "Conflict", conflict);
    // Nothing could come of it: a proposal that waits for somebody would wait for ever.
    else if (kept !== undefined)
      report(context, one, out, "Protected", `${kept}; it is not linked, and spec.links can cut it for good`);
    else planAccount(context, this.#input, this.#isProtected, adopted(context, one, match, out), out);
    if (out.items.length === 0 && isAsKnown(out.link, one.link)) delete out.link;
    return out;
  }
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
