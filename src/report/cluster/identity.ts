import {
  type AccountStatus,
  type IdentityStatus,
  longestLine,
  mostAccounts,
} from "../../core/kinds/status.ts";
import { plural } from "../words.ts";
import { conditionIn, cut, type Observed, statusOf, type Told, timeOf } from "./conditions.ts";
import type { Issue } from "./issues.ts";
import { byGravity, isReady, type Reason } from "./reasons.ts";

/** What is known of an identity's account in one target. */
export interface AccountKnown {
  readonly target: string;
  readonly link:
    | { readonly anchor: string; readonly name: string; readonly status: "Enabled" | "Disabled" }
    | undefined;
  readonly entitlements: number;
  readonly issues: readonly Issue[];
  /** It was changed just now. */
  readonly changed: boolean;
}

export interface IdentityInput extends Observed<IdentityStatus> {
  /** What is wrong with the object itself. */
  readonly fault: Told | undefined;
  readonly accounts: readonly AccountKnown[];
  /** Targets of which nothing is known now, so that what was told of them stays: their store is away, or they rest. */
  readonly unseen: ReadonlyMap<string, "Away" | "Resting">;
}

/** The status of an Identity: its accounts, and the worst of what is open about them. */
export function identityStatus(input: IdentityInput): IdentityStatus {
  const { previous, unseen } = input;
  const before = new Map(previous?.accounts?.map((account) => [account.target, account]));
  const known = input.accounts
    .filter(({ target, link, issues }) => !unseen.has(target) && (link !== undefined || issues.length > 0))
    .map((account) => ({
      ...account,
      status: accountStatus(account, before.get(account.target), input.now),
    }));
  const kept = [...before.values()].filter(({ target }) => unseen.has(target));
  const accounts = [...known.map(({ status }) => status), ...kept].sort((a, b) =>
    a.target < b.target ? -1 : 1,
  );
  const good = accounts.filter(isGood).length;
  return {
    ...statusOf(input.fault ?? toldOf(input, accounts), input),
    ...(accounts.length === 0 ? {} : { accounts: worthTelling(accounts) }),
    summary: `${good}/${accounts.length}`,
  };
}

/** Those of which somebody wants to know first, where there are more than a status can have. */
function worthTelling(accounts: readonly AccountStatus[]): AccountStatus[] {
  if (accounts.length <= mostAccounts) return [...accounts];
  const [good, open] = [accounts.filter(isGood), accounts.filter((each) => !isGood(each))];
  const told = new Set([...open, ...good].slice(0, mostAccounts));
  return accounts.filter((each) => told.has(each));
}

function accountStatus(
  { target, link, entitlements, issues, changed }: AccountKnown,
  before: AccountStatus | undefined,
  now: number,
): AccountStatus {
  const worst = byWorst(issues);
  const lastChange = changed ? timeOf(now) : before?.lastChange;
  return {
    target,
    state: worst.find(({ state }) => state !== undefined)?.state ?? link?.status ?? "Absent",
    ...(link ? { name: cut(link.name, 1024), anchor: cut(link.anchor, 1024), entitlements } : {}),
    ...(lastChange === undefined ? {} : { lastChange }),
    ...(worst.length === 0
      ? {}
      : { message: cut(worst.map(({ message }) => message).join("; "), longestLine) }),
  };
}

function toldOf(input: IdentityInput, statuses: readonly AccountStatus[]): Told {
  const worst = byWorst([...openIssues(input), ...oldIssues(input, statuses)]);
  const [first] = worst;
  if (first) {
    // What is only reported says nothing where something is open.
    const told = worst.filter(({ reason }) => isReady(reason) === isReady(first.reason));
    const message = told.map((each) => `${each.target}: ${each.message}`).join("; ");
    return { reason: first.reason, message };
  }
  if (isNew(input) && isUnlooked(input))
    return {
      reason: "NoTargets",
      message: "no Target is run here: declare one with its Store, or resume one that is suspended",
    };
  if (statuses.length === 0) return { reason: "NoAccounts", message: "no account is due" };
  const targets = statuses.map(({ target }) => target).join(", ");
  return { reason: "Converged", message: `${plural(statuses.length, "account")} as declared: ${targets}` };
}

/** Where no Target is looked at, nobody knows what is due: who waits for an identity that was applied before its Target waits for both. */
function isUnlooked({ accounts, unseen }: IdentityInput): boolean {
  return accounts.every(({ target }) => unseen.get(target) === "Resting");
}

interface OpenIssue extends Issue {
  readonly target: string;
}

function openIssues(input: IdentityInput): OpenIssue[] {
  const { accounts, unseen } = input;
  const open = accounts.flatMap(({ target, issues }) =>
    unseen.has(target) ? [] : issues.map((issue) => ({ ...issue, target })),
  );
  // A store that is away says nothing new of somebody of whom nothing new was said either.
  const away = [...unseen].flatMap(([target, why]): OpenIssue[] =>
    why === "Away" && isNew(input)
      ? [{ target, reason: "StoreUnavailable", message: "cannot be looked at now: its Target says why" }]
      : [],
  );
  return [...open, ...away];
}

/** Whether nobody has looked at what is declared now. */
function isNew({ generation, previous }: IdentityInput): boolean {
  const before = conditionIn(previous, "Ready")?.reason;
  return (
    generation !== previous?.observedGeneration || before === "StoreUnavailable" || before === "NoTargets"
  );
}

/** What was open where nobody can look now is open still. */
function oldIssues({ unseen }: IdentityInput, statuses: readonly AccountStatus[]): OpenIssue[] {
  return statuses
    .filter((account) => unseen.has(account.target) && !isGood(account))
    .map(({ target, message = "was not as declared when it was last looked at" }) => ({
      target,
      reason: "Held",
      message,
    }));
}

function byWorst<T extends { readonly reason: Reason }>(issues: readonly T[]): T[] {
  return [...issues].sort((a, b) => byGravity(a.reason, b.reason));
}

function isGood({ state }: AccountStatus): boolean {
  return state === "Enabled" || state === "Disabled";
}
