import type { Action, ChangeLine } from "./change-line.ts";
import type { PlanDocument } from "./document.ts";
import { plural } from "./words.ts";

const done: Readonly<Record<Action, string>> = {
  adopt: "adopted",
  create: "created",
  update: "updated",
  rename: "renamed",
  enable: "enabled",
  grant: "granted",
  disable: "disabled",
  revoke: "revoked",
  delete: "deleted",
  forget: "forgotten",
};

/** A plan in one sentence: `3 accounts created, 1 disabled; 2 held in 2 targets`. */
export function planSentence({ targets, notRun, problems }: PlanDocument): string {
  const changes = targets.flatMap((target) => target.changes);
  const held = targets.flatMap((target) => target.held).filter((each) => !each.held.excluded).length;
  const conflicts = targets.flatMap(({ findings }) => findings).filter(({ kind }) => kind === "Conflict");
  const broken = targets.filter(({ error }) => error !== undefined).length;
  const unplanned = notRun.filter((each) => each.unplanned).length;
  const errors = problems.filter(({ severity }) => severity !== "Warning").length;
  const touched = targets.filter((target) => target.changes.length + target.held.length > 0).length;
  const what = [
    ...counted(changes, "account"),
    ...counted(changes, "membership"),
    ...counted(changes, "entitlement"),
    ...(held > 0 ? [`${held} held`] : []),
    ...(conflicts.length > 0 ? [`${conflicts.length} in conflict`] : []),
  ];
  const rest = [
    ...(broken > 0 ? [`${plural(broken, "target")} in error`] : []),
    ...(unplanned > 0 ? [`${plural(unplanned, "target")} not planned`] : []),
    ...(errors > 0 ? [`${plural(errors, "error")} in the manifests`] : []),
  ];
  const where = touched > 0 ? ` in ${plural(touched, "target")}` : "";
  const told = what.length === 0 ? "nothing would change" : `${what.join(", ")}${where}`;
  return [told, ...rest].join("; ");
}

/** `3 accounts created, 1 disabled` */
function counted(changes: readonly ChangeLine[], of: ChangeLine["of"]): string[] {
  const byAction = Map.groupBy(
    changes.filter((change) => change.of === of),
    ({ action }) => action,
  );
  return (Object.keys(done) as Action[])
    .filter((action) => byAction.has(action))
    .map((action, index) => {
      const count = byAction.get(action)!.length;
      return `${index === 0 ? plural(count, of) : count} ${done[action]}`;
    });
}
