import type { PlanItem } from "../../src/core/model/change.ts";
import type { TargetReport } from "../../src/engine/run.ts";

/** What a run tells, in words that a test can compare: `Create ann`, `Grant ann lab`. */
export interface Told {
  readonly done: readonly string[];
  /** `Create ann: Denied: …` */
  readonly failed: readonly string[];
  readonly left: readonly string[];
  /** `Budget: Disable ann` */
  readonly withheld: readonly string[];
  /** `Held ann: …` */
  readonly findings: readonly string[];
  readonly errors: readonly string[];
}

export function tell(reports: readonly TargetReport[]): Told {
  const applied = reports.flatMap((report) => report.applied ?? []);
  return {
    done: applied.flatMap(({ done }) => done.map(say)),
    failed: applied.flatMap(({ failed }) =>
      failed.map(({ item, kind, error }) => `${say(item)}: ${kind}: ${error}`),
    ),
    left: applied.flatMap(({ left }) => left.map(say)),
    withheld: reports.flatMap(({ guarded }) =>
      guarded.withheld.map(({ kind, item }) => `${kind}: ${say(item)}`),
    ),
    findings: reports.flatMap(({ findings }) =>
      findings.map(({ kind, identity = "-", message }) => `${kind} ${identity}: ${message}`),
    ),
    errors: reports.flatMap(({ error }) => (error ? [`${error.kind}: ${error.message}`] : [])),
  };
}

export function say(item: PlanItem): string {
  if (item.kind === "entitlement") return `${item.operation} ${item.name}`;
  const of = item.kind === "membership" ? ` ${item.entitlementName}` : "";
  return `${item.operation} ${item.identity}${of}`;
}
