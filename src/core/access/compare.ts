import type { ReasonChain } from "../model/change.ts";
import type { IdentityAccess } from "./access.ts";

/** One piece of access that one identity has and had not, or had and has not. */
export interface AccessChange {
  readonly change: "Gained" | "Lost";
  readonly target: string;
  /** The entitlement's key; absent for the account itself. */
  readonly entitlement?: string;
  /** Why it is had now, or why it was. */
  readonly reasons: readonly ReasonChain[];
}

/**
 * What the decisions `before` and `after` give and take of one identity's access. What is unknown in either is neither gained nor lost
 * (law 4): it is left out here, and reported as held where it is decided.
 */
export function compareAccess(
  before: IdentityAccess | undefined,
  after: IdentityAccess | undefined,
): readonly AccessChange[] {
  const [had, has] = [heldBy(before), heldBy(after)];
  return [
    ...missingFrom(had, has, after).map(([, change]): AccessChange => ({ change: "Lost", ...change })),
    ...missingFrom(has, had, before).map(([, change]): AccessChange => ({ change: "Gained", ...change })),
  ];
}

type Held = Omit<AccessChange, "change">;

function heldBy(access: IdentityAccess | undefined): ReadonlyMap<string, Held> {
  const held = new Map<string, Held>();
  if (!access || access.inactive) return held;
  for (const [target, { account, entitlements }] of access.targets) {
    if (account.length === 0) continue;
    held.set(target, { target, reasons: account });
    for (const [entitlement, { reasons }] of entitlements)
      held.set(`${target}\n${entitlement}`, { target, entitlement, reasons });
  }
  return held;
}

function missingFrom(
  all: ReadonlyMap<string, Held>,
  other: ReadonlyMap<string, Held>,
  access: IdentityAccess | undefined,
): readonly (readonly [string, Held])[] {
  return [...all].filter(([key, held]) => !other.has(key) && !isUnknown(access, held));
}

function isUnknown(access: IdentityAccess | undefined, { target, entitlement }: Held): boolean {
  if (!access || access.inactive) return false;
  const { all, accounts, entitlements } = access.unknown;
  if (all.length > 0) return true;
  return entitlement === undefined
    ? accounts.has(target)
    : (entitlements.get(target)?.has(entitlement) ?? false);
}
