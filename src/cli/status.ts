import { holdLine } from "../report/document.ts";
import { targetsNotRun } from "../report/not-run.ts";
import { countsIn, type TargetCounts, targetCounts } from "../report/notes.ts";
import type { RunReport } from "../report/run-report.ts";
import { type StatusDocument, statusText, type TargetStatus } from "../report/status.ts";
import type { State } from "../state/state.ts";
import { type Command, type Context, exitCode, type Flag } from "./command.ts";
import { folderFlag, outputFlag, rootFlag, stateFlag, targetFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { noteState, runPlan } from "./plan.ts";
import { chosenTargets, isError } from "./problems.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const refreshFlag: Flag = { name: "refresh", summary: "look at the stores now, changing nothing" };

export const statusCommand: Command = {
  name: "status",
  summary: "show how the targets stand: accounts, drift, what is held, the last success",
  description:
    "Tells what the last run left behind in the state, without contacting a store; --refresh looks at the stores.",
  flags: [folderFlag, targetFlag, refreshFlag, output, stateFlag, rootFlag],
  examples: ["rollcall status -f manifests", "rollcall status -f manifests --refresh -o json"],
  exits: {
    0: "nothing waits for anybody",
    2: "the manifests have errors, or a store could not be read or written",
    3: "something is held, or waits for a person",
  },
  run: status,
};

async function status(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const session = await openSession(context, { mode: "look" });
  try {
    noteState(context, session);
    const only = chosenTargets(context, session);
    const fresh = args.has(refreshFlag) ? await runPlan(context, session) : [];
    const { snapshot, problems, shownPlace, isFirstRun } = session;
    const names = [...snapshot.objects.Target.keys()].filter((name) => !only || only.has(name));
    const targets: TargetStatus[] = [];
    for (const name of names)
      targets.push(
        await targetStatus(
          session,
          name,
          fresh.find(({ target }) => target === name),
          now(),
        ),
      );
    const errors = problems.filter(isError).length;
    const document: StatusDocument = {
      format: "rollcall.dev/status/v1",
      at: new Date(now()).toISOString(),
      revision: snapshot.revision,
      state: { place: shownPlace, isFirstRun },
      problems: { errors, warnings: problems.length - errors },
      targets,
    };
    await printDocument(terminal, args.text(output) ?? "table", document, { table: statusText });
    if (errors > 0 || targets.some(({ error }) => error !== undefined)) return exitCode.failed;
    return targets.some(isWaiting) ? exitCode.held : exitCode.done;
  } finally {
    await session.close();
  }
}

function isWaiting({ counts, holds }: TargetStatus): boolean {
  return (counts?.held ?? 0) + (counts?.conflicts ?? 0) > 0 || holds.some(({ approved }) => !approved);
}

async function targetStatus(
  { snapshot, state }: Session,
  target: string,
  fresh: RunReport | undefined,
  now: number,
): Promise<TargetStatus> {
  const { spec } = snapshot.objects.Target.get(target)!.resource;
  const notRun = targetsNotRun(snapshot).find((each) => each.target === target)?.reason;
  const notes = await state.notes(target);
  const lastSuccess = Number(notes.get("lastSuccess"));
  const counts = countsNow(notes, fresh);
  const error = fresh ? fresh.error?.message : notes.get("error");
  const holds = (await state.holds(target)).filter(({ expires }) => expires > now);
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
  };
}

function countsNow(
  notes: ReadonlyMap<string, string>,
  fresh: RunReport | undefined,
): TargetCounts | undefined {
  return fresh && !fresh.error ? targetCounts(fresh) : countsIn(notes);
}

async function linkCounts(state: State, target: string): Promise<Pick<TargetStatus, "linked" | "disabled">> {
  let linked = 0;
  let disabled = 0;
  for await (const page of state.links(target)) {
    linked += page.length;
    disabled += page.filter((link) => link.status === "Disabled").length;
  }
  return { linked, disabled };
}
