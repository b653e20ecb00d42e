import type { Controller, ControllerEvent } from "../engine/controller.ts";
import type { Engine } from "../engine/engine.ts";
import type { TargetReport } from "../engine/run.ts";
import { declaredTargets } from "../report/declared.ts";
import type { TargetFigures } from "../report/figures.ts";
import type { RealmMetrics } from "../server/realm-metrics.ts";
import { StateError } from "../state/errors.ts";

export interface Measured {
  readonly engine: Engine;
  readonly controller: Controller;
}

/** Shows in the metrics what the loop tells of. `at` in ms. */
export function measure(
  metrics: RealmMetrics,
  { engine, controller }: Measured,
  event: ControllerEvent,
  at: number,
): void {
  if (event.kind === "Loaded") {
    const { snapshot, complete } = event.loaded;
    const targets = declaredTargets(snapshot);
    metrics.loaded({ targets, complete: complete.ok, unread: snapshot.unread.keys() });
  }
  if (event.kind === "Exported") metrics.exported(event.report.name, event.report.written?.rows);
  if (event.kind === "Loaded" || event.kind === "Exported")
    metrics.exports(
      [...controller.exports.times].map(([name, { lastAt, every }]) => ({ name, lastAt, every })),
    );
  if (event.kind === "Failed" && event.error instanceof StateError) metrics.state(false);
  if (event.kind !== "Ran") return;
  const figures = event.reports.map((report: TargetReport): TargetFigures => {
    const links = [...(engine.lane(report.target)?.index.entries() ?? [])];
    return {
      ...report,
      accounts: accountsByState(links),
      troubles: links.flatMap(({ trouble = [] }) => trouble),
      quarantined: controller.quarantined.has(report.target),
      driftSince: controller.driftSince.get(report.target),
      at,
    };
  });
  metrics.ran(figures, event.milliseconds);
}

function accountsByState(links: Iterable<{ readonly status: "Enabled" | "Disabled" }>) {
  const counts = { Enabled: 0, Disabled: 0 };
  for (const { status } of links) counts[status]++;
  return counts;
}
