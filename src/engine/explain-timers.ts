import { identityId } from "../core/kinds/identity-id.ts";
import type { InForce, Snapshot } from "../core/kinds/resource.ts";
import { endOf, startOf } from "../core/model/moment.ts";
import type { Timer } from "../report/explanation.ts";
import type { TargetReport } from "./run.ts";
import type { TargetLane } from "./target-lane.ts";

/** What changes by itself for one identity, soonest first. */
export function timersOf(
  snapshot: Snapshot,
  identity: InForce<"Identity">,
  reports: readonly TargetReport[],
  laneOf: (target: string) => TargetLane | undefined,
  now: number,
): readonly Timer[] {
  const timers: { at: number; what: string }[] = [];
  const add = (at: number | undefined, what: string) => {
    if (at !== undefined && at > now) timers.push({ at, what });
  };
  const { lifecycle } = identity.resource.spec;
  if (lifecycle?.start !== undefined) add(startOf(lifecycle.start), "starts: gets what it is due");
  if (lifecycle?.end !== undefined) add(endOf(lifecycle.end), "ends: accounts are deprovisioned");
  for (const { resource } of snapshot.objects.Grant.values()) {
    const { spec, name } = resource;
    if (spec.identity.name !== identity.resource.name) continue;
    if (spec.from !== undefined) add(startOf(spec.from), `Grant ${name} begins`);
    if (spec.until !== undefined) add(endOf(spec.until), `Grant ${name} ends`);
  }
  const id = identityId(identity.resource);
  for (const report of reports) {
    const lane = laneOf(report.target);
    if (!lane) continue;
    const { model, index } = lane;
    const link = index.of(id);
    if (
      model.deleteAfter !== undefined &&
      link?.disabledAt !== undefined &&
      link.desired?.startsWith("None/")
    )
      add(link.disabledAt + model.deleteAfter, `${link.name} is deleted in ${report.target}`);
    for (const { item, kind } of report.guarded.withheld)
      if (kind === "Settling" && item.identity === id && item.unsettledSince !== undefined)
        add(
          item.unsettledSince + model.settle,
          `${item.operation} of ${item.name} in ${report.target} has settled`,
        );
  }
  return timers.sort((a, b) => a.at - b.at).map(({ at, what }) => ({ at: new Date(at).toISOString(), what }));
}
