import type { Problem, Snapshot } from "../core/kinds/resource.ts";
import type { LoginTrouble } from "../core/model/account.ts";
import { holdLine } from "../report/document.ts";
import { exportNoteKey, exportNotesIn } from "../report/export-notes.ts";
import { countsIn, type TargetCounts, targetCounts } from "../report/notes.ts";
import type { RunReport } from "../report/run-report.ts";
import {
  type ExportLine,
  type StatusDocument,
  type TargetStatus,
  taskCounts,
  troubleCounts,
} from "../report/status.ts";
import type { State } from "../state/state.ts";
import { exitCode } from "./command.ts";
import { toldNotRun } from "./not-run.ts";
import { isError } from "./problems.ts";

/** What status is told of. */
export interface StatusParts {
  readonly snapshot: Snapshot;
  readonly state: State;
  readonly problems: readonly Problem[];
  readonly shownPlace: string;
  readonly isFirstRun: boolean;
}

/** How the targets (`only` those, where given) stand by what the last run left in the state, or by a run that was just made. `now` in ms. */
export async function statusDocument(
  parts: StatusParts,
  now: number,
  { only, fresh = [] }: { only?: ReadonlySet<string> | undefined; fresh?: readonly RunReport[] } = {},
): Promise<StatusDocument> {
  const { snapshot, problems, shownPlace, isFirstRun } = parts;
  const targets: TargetStatus[] = [];
  const notRun = new Map((await toldNotRun(snapshot, parts.state)).map((each) => [each.target, each.reason]));
  for (const [name, { standing }] of snapshot.objects.Target) {
    if (only && !only.has(name)) continue;
    // One that is deleted and has nothing left is nobody's concern.
    if (standing.status === "Vanished" && !notRun.has(name)) continue;
    const report = fresh.find(({ target }) => target === name);
    targets.push(await targetStatus(parts, name, { report, notRun: notRun.get(name), now }));
  }
  const exports = only ? [] : await exportLines(parts);
  const errors = problems.filter(isError).length;
  return {
    format: "rollcall.dev/status/v1",
    at: new Date(now).toISOString(),
    revision: snapshot.revision,
    state: { place: shownPlace, isFirstRun },
    problems: { errors, warnings: problems.length - errors },
    targets,
    ...(exports.length > 0 ? { exports } : {}),
  };
}

export function statusCode({ problems, targets, exports = [] }: StatusDocument): number {
  if (problems.errors > 0 || [...targets, ...exports].some(({ error }) => error !== undefined))
    return exitCode.failed;
  return targets.some(isWaiting) ? exitCode.held : exitCode.done;
}

function isWaiting({ counts, holds }: TargetStatus): boolean {
  return (counts?.held ?? 0) + (counts?.conflicts ?? 0) > 0 || holds.some(({ approved }) => !approved);
}

async function exportLines({ snapshot, state }: StatusParts): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  for (const [name, { resource, standing }] of snapshot.objects.Export) {
    if (standing.status === "Vanished") continue;
    const { file, schedule } = resource.spec;
    const { last, ...notes } = exportNotesIn(await state.notes(exportNoteKey(name)));
    lines.push({
      ...{ export: name, file, ...notes },
      ...(schedule ? { every: schedule.every } : {}),
      ...(last ? { lastSuccess: new Date(last.at).toISOString() } : {}),
    });
  }
  return lines;
}

async function targetStatus(
  { snapshot, state }: StatusParts,
  target: string,
  {
    report: fresh,
    notRun,
    now,
  }: { readonly report: RunReport | undefined; readonly notRun: string | undefined; readonly now: number },
): Promise<TargetStatus> {
  const { resource, standing } = snapshot.objects.Target.get(target)!;
  const { spec } = resource;
  const notes = await state.notes(target);
  const lastSuccess = Number(notes.get("lastSuccess"));
  // What was to be seen to in a target that is declared no longer is nobody's concern: its accounts stay as they are.
  const isGone = standing.status === "Vanished";
  const counts = isGone ? undefined : countsNow(notes, fresh);
  const error = isGone ? undefined : fresh ? fresh.error?.message : notes.get("error");
  const holds = isGone ? [] : (await state.holds(target)).filter(({ expires }) => expires > now);
  const tasks = await state.tasks({ target });
  return {
    target,
    store: spec.store.name,
    mode: spec.mode,
    ...(notRun === undefined ? {} : { notRun }),
    ...(await linkCounts(state, target)),
    ...(lastSuccess > 0 ? { lastSuccess: new Date(lastSuccess).toISOString() } : {}),
    ...(counts && { counts }),
    ...(error === undefined ? {} : { error }),
    unfinished: (await state.openBatches(target)).length,
    holds: holds.map(holdLine),
    ...(tasks.length > 0 ? { tasks: taskCounts(tasks, now) } : {}),
  };
}

function countsNow(
  notes: ReadonlyMap<string, string>,
  fresh: RunReport | undefined,
): TargetCounts | undefined {
  return fresh && !fresh.error ? targetCounts(fresh) : countsIn(notes);
}

async function linkCounts(
  state: State,
  target: string,
): Promise<Pick<TargetStatus, "linked" | "disabled" | "protected" | "trouble">> {
  const counts = { linked: 0, disabled: 0, protected: 0 };
  const troubles: LoginTrouble[] = [];
  for await (const page of state.links(target))
    for (const link of page) {
      counts.linked++;
      if (link.status === "Disabled") counts.disabled++;
      if (link.protected !== undefined) counts.protected++;
      troubles.push(...(link.trouble ?? []));
    }
  return { ...counts, trouble: troubleCounts(troubles) };
}
