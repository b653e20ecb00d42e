import type { ChangeLine } from "./change-line.ts";
import type { PlanDocument } from "./document.ts";

/** Who would get, or lose, one thing by a plan. */
export interface PlannedGain {
  readonly change: "Gained" | "Lost";
  readonly target: string;
  /** Absent for the account itself. */
  readonly entitlement?: string;
  /** Sorted. */
  readonly identities: readonly string[];
}

const gains: ReadonlySet<string> = new Set(["create", "enable", "grant"]);
const losses: ReadonlySet<string> = new Set(["disable", "delete", "revoke"]);

/** Who gains and who loses what by the changes of a plan, losses first: accounts and entitlements of each target. */
export function plannedGains({ targets }: PlanDocument): readonly PlannedGain[] {
  const found = targets.flatMap(({ target, changes }) =>
    changes.flatMap((change) => {
      const what = change.of === "entitlement" ? undefined : changeOf(change);
      return what ? [{ what, target, line: change }] : [];
    }),
  );
  const groups = Map.groupBy(found, ({ what, target, line }) =>
    JSON.stringify([what, target, line.entitlement ?? null]),
  );
  return [...groups.values()]
    .map((some) => {
      const { what, target, line } = some[0]!;
      const { entitlement } = line;
      const identities = [...new Set(some.map((each) => each.line.identity))].sort();
      return { change: what, target, ...(entitlement === undefined ? {} : { entitlement }), identities };
    })
    .sort((a, b) => Number(a.change === "Gained") - Number(b.change === "Gained"));
}

function changeOf({ action }: ChangeLine): PlannedGain["change"] | undefined {
  if (gains.has(action)) return "Gained";
  return losses.has(action) ? "Lost" : undefined;
}
