import type { PlanDocument } from "./document.ts";
import type { Verdict } from "./run-report.ts";

/** What a plan amounts to, problems of its manifests included: what its exit code is made of. */
export function planVerdict({ targets, problems, notRun }: PlanDocument): Verdict {
  return {
    failed:
      targets.some(({ error }) => error !== undefined) ||
      problems.some(({ severity }) => severity !== "Warning"),
    held:
      notRun.some(({ unplanned }) => unplanned) ||
      targets.some(
        ({ held, findings }) =>
          held.some((each) => !each.held.excluded) ||
          findings.some(({ kind }) => kind === "Held" || kind === "Conflict"),
      ),
    changes: targets.some(({ changes }) => changes.length > 0),
  };
}
