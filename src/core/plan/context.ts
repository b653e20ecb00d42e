import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import type { AccountItem } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import type { AccountCase, Finding, FindingKind, Verdict } from "./case.ts";
import { accountItem, subjectOf, wave } from "./item.ts";

/** What planning one target needs to know beside its cases. */
export interface PlanContext {
  readonly model: TargetModel;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly digestKey: string;
  /** When a role, profile, grant or target was last edited (ms). */
  readonly policyChangedAt: number;
  /** The state was lost: an account with the wanted name is taken for the one that was made, whatever the target's `adopt`. */
  readonly rebuild?: boolean;
  /** What the connector can do for this target. */
  readonly can: { readonly rename: boolean; readonly disable: boolean; readonly restore: boolean };
}

/** Whether an account can be disabled; people can, wherever the store shows whether it is. */
export function canDisable({ can, model }: PlanContext, record: AccountRecord): boolean {
  return model.tasks ? record.enabled !== undefined : can.disable;
}

/** Whether an account can be renamed; people can, where it is the same account for the store afterwards. */
export function canRename({ can, model }: PlanContext, record: AccountRecord): boolean {
  return model.tasks ? record.anchor !== record.name : can.rename;
}

/** The link is dropped; the account, where there still is one, stays as it is. */
export function forget(
  context: PlanContext,
  link: Link,
  out: Verdict,
  detail: string,
  more: Partial<Pick<AccountItem, "lost" | "unsettledSince">> = {},
): void {
  out.items.push(
    accountItem(
      {
        ...subjectOf(context.model.name, link.identity, link),
        operation: "Forget",
        wave: wave.State,
        attributes: [],
        reasons: [[{ source: "Link", name: "", detail }]],
        reversible: true,
        ...more,
      },
      context.digestKey,
    ),
  );
}

export function report(
  context: PlanContext,
  one: AccountCase,
  out: Verdict,
  kind: FindingKind,
  message: string,
): void {
  const name = one.link?.name ?? (one.desired.presence === "Present" ? one.desired.name : undefined);
  const finding: Finding = {
    kind,
    target: context.model.name,
    identity: one.identity,
    message,
    ...(name === undefined ? {} : { name }),
  };
  out.findings.push(finding);
}
