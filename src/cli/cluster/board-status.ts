import type { AnyStatus, ExportStatus } from "../../core/kinds/status.ts";
import { exportStatus } from "../../report/cluster/export.ts";
import { keyOf } from "./board-changes.ts";
import {
  approvalView,
  observed,
  policyView,
  type Seen,
  storeView,
  targetView,
  type View,
} from "./board-views.ts";

/** The status of an object that is no Identity; undefined where nothing is known yet that would be news. */
export function statusFor(view: View, seen: Seen): AnyStatus | undefined {
  switch (seen.kind) {
    case "Target":
      return targetView(view, seen);
    case "Store":
      return storeView(view, seen);
    case "Export":
      return exportView(view, seen);
    case "Approval":
      return approvalView(view, seen);
    default:
      return policyView(view, seen);
  }
}

function exportView(view: View, seen: Seen): ExportStatus | undefined {
  const { name } = seen.object.metadata;
  const spec = view.snapshot.objects.Export.get(name)?.resource.spec;
  const common = observed<ExportStatus>(view, seen);
  const last = view.exports.get(name);
  const fault =
    common.fault ??
    (spec?.suspend
      ? ({ reason: "Suspended", message: `Export/${name} is suspended: its file stays as it is` } as const)
      : undefined);
  // One that was written before this process began is not due yet, unless it was edited: then it is written soon.
  if (!fault && !last && spec?.schedule && seen.previous) return undefined;
  return exportStatus({
    ...common,
    ...{ fault, last, file: spec?.file ?? "", scheduled: spec?.schedule !== undefined },
    handled: view.handled.get(keyOf("Export", name)),
  });
}
