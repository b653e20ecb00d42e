import type { DesiredAccount } from "../desired/desired.ts";
import type { TargetModel } from "../desired/target-model.ts";
import type { AccountRecord } from "../model/account.ts";
import type { AccountItem } from "../model/change.ts";
import type { Link } from "../model/link.ts";
import { type AttributeDelta, valuesOf } from "../model/values.ts";
import type { AccountCase, Verdict } from "./case.ts";
import { canDisable, type PlanContext } from "./context.ts";
import { accountItem, subjectOf, wave } from "./item.ts";

/**
 * An account that is proved to be due no longer: disabled first, deleted when its grace period is over (law 8).
 * Where the store cannot disable, the grace period runs all the same, from when the account stopped being due.
 */
export function depart(
  context: PlanContext,
  one: AccountCase,
  link: Link,
  record: AccountRecord,
  desired: Extract<DesiredAccount, { presence: "None" }>,
  out: Verdict,
): void {
  const { model, now } = context;
  if (model.spec.deprovision.action === "Retain") {
    out.link = { ...link, seen: record.version, desired: "None/None" };
    return;
  }
  const { emergency } = desired;
  const push = (
    item: Pick<AccountItem, "operation" | "wave" | "reversible"> &
      Partial<Pick<AccountItem, "attributes" | "emergency">>,
  ) =>
    out.items.push(
      accountItem(
        {
          ...subjectOf(model.name, one.identity, record),
          attributes: [],
          before: record,
          reasons: [desired.why],
          ...(desired.unsettledSince === undefined ? {} : { unsettledSince: desired.unsettledSince }),
          ...item,
        },
        context.digestKey,
      ),
    );
  const mustDisable = canDisable(context, record) && record.enabled !== false;
  if (mustDisable) {
    push({
      operation: "Disable",
      wave: emergency ? wave.Emergency : wave.Accounts,
      reversible: true,
      emergency,
    });
    out.link = {
      ...link,
      name: record.name,
      status: "Disabled",
      disabledAt: now,
      seen: record.version,
      desired: "None/None",
    };
    return;
  }
  // The grace period counts from when the account was first found to be due no longer, whatever had disabled it before.
  const since = (link.desired?.startsWith("None/") ? link.disabledAt : undefined) ?? now;
  // Disabled by somebody else it stays so, should it be due again: `status` is what we made of it.
  out.link = {
    ...link,
    name: record.name,
    disabledAt: since,
    seen: record.version,
    desired: "None/None",
  };
  if (model.deleteAfter === undefined) return;
  const due = since + model.deleteAfter;
  if (now >= due)
    push({ operation: "Delete", wave: wave.Deletes, reversible: false, attributes: lost(model, record) });
  else
    out.findings.push({
      kind: "Pending",
      target: model.name,
      identity: one.identity,
      name: record.name,
      message: `is deleted on ${new Date(due).toISOString()} unless it is declared again`,
    });
}

/** The mapped values that go with a deleted account: its pre-image. */
function lost(model: TargetModel, record: AccountRecord): readonly AttributeDelta[] {
  return model.mappings.flatMap(({ attribute, sensitive }) => {
    const before = valuesOf(record.attributes, attribute.name);
    return before.length === 0
      ? []
      : [{ name: attribute.name, before, after: [], ...(sensitive ? { sensitive } : {}) }];
  });
}
