import type { RunOptions } from "../engine/run-options.ts";
import { applyDocument, planDocument } from "../report/document.ts";
import { notesOf } from "../report/notes.ts";
import { type RunReport, verdictOf } from "../report/run-report.ts";
import { applyText, planText } from "../report/text.ts";
import { isStateError } from "../state/errors.ts";
import { applyThroughController, type Consent } from "./apply-remote.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { folderFlag, fullFlag, initFlag, outputFlag, reachFlags, stateFlag, targetFlag } from "./flags.ts";
import { sameFlags } from "./kept-plan.ts";
import { printDocument } from "./output.ts";
import { headOf, noteState, runPlan } from "./plan.ts";
import { chosenTargets, noteProblems } from "./problems.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const yesFlag: Flag = {
  name: "yes",
  summary:
    "do not ask; proposed adoptions, and removals that follow from what was edited or vanished a moment ago, are held",
};
const planFlag: Flag = {
  name: "plan",
  value: "HASH",
  summary: "do not ask; apply what the plan of this hash showed, as far as it still holds, and nothing else",
};

export const applyCommand: Command = {
  name: "apply",
  summary: "change the stores so that they are what the manifests say",
  description:
    "On a terminal it shows the plan and asks. Elsewhere it needs --plan HASH (of a plan that somebody has seen) or --yes.\nCtrl-C finishes the batch in hand and says where it stands; run it again to go on. While a controller has the state, it does the work.",
  flags: [folderFlag, planFlag, yesFlag, targetFlag, output, stateFlag, ...reachFlags, initFlag, fullFlag],
  examples: [
    "rollcall apply -f manifests --init",
    "rollcall apply -f manifests",
    "rollcall apply -f manifests --plan 5d201cdc…",
    "rollcall apply -f manifests --yes --target corp-directory",
  ],
  exits: {
    0: "done",
    2: "something failed, or was refused (the rest is done all the same)",
    3: "something is held, or waits for a person; the rest is done",
    130: "interrupted: the batch in hand was finished",
  },
  run: apply,
};

async function apply(context: Context): Promise<number> {
  const { args, terminal } = context;
  if (!args.has(folderFlag))
    throw new UsageError(
      "apply needs the folder of the manifests: -f DIR. In a cluster to merge is to apply: the controller does it (rollcall plan shows what)",
    );
  if (!args.has(planFlag) && !args.has(yesFlag) && !terminal.interactive)
    throw new UsageError(
      "apply asks on a terminal, and this is none: name a plan that was shown with --plan HASH, or say --yes",
    );
  const stop = context.stopSignal();
  const session = await openForApply(context, stop);
  try {
    const hasErrors = noteProblems(context, session);
    noteState(context, session);
    const consent = await consentOf(context, session);
    if (!consent || stop.aborted) {
      terminal.note("Nothing was changed.");
      return stop.aborted ? exitCode.interrupted : exitCode.failed;
    }
    if (!session.writes) return await applyThroughController(context, session, consent);
    const reports = await runApply(context, session, consent);
    const outcome = { interrupted: stop.aborted, gone: goneFrom(consent, reports) };
    const document = applyDocument(await headOf(context, session), reports, outcome);
    const wasSeen = consent.shown !== undefined;
    await printDocument(terminal, args.text(output) ?? "table", document, {
      table: (applied) => applyText(applied, { wasSeen }),
    });
    if (stop.aborted) terminal.note("Run it again to go on.");
    if (reports.some(({ applied }) => applied?.handed))
      terminal.note(
        `Who is asked for what: rollcall task list ${sameFlags(context, [folderFlag, stateFlag, targetFlag])}`,
      );
    return codeOf(reports, { ...outcome, hasErrors });
  } finally {
    await session.close();
  }
}

/** Where another process writes to the state, it may be the controller: then we only read, and it does the work. */
async function openForApply(context: Context, stop: AbortSignal): Promise<Session> {
  try {
    return await openSession(context, { mode: "write", stop });
  } catch (error) {
    if (!isStateError(error, "Locked")) throw error;
    return openSession(context, { mode: "read", stop });
  }
}

async function consentOf(context: Context, session: Session): Promise<Consent | undefined> {
  const { args, terminal } = context;
  const hash = args.text(planFlag);
  if (hash !== undefined) {
    const plan = await session.state.plan(hash);
    if (plan) return { shown: plan.items, plan: hash };
    throw new UsageError(
      `the state ${session.state.place} holds no plan ${hash}: plan again, and name the whole hash that it prints (the newest 100 are kept)`,
    );
  }
  if (args.has(yesFlag)) return { shown: undefined, plan: undefined };
  const reports = await runPlan(context, session);
  const plan = planDocument(await headOf(context, session), reports);
  const shown = new Set(plan.targets.flatMap(({ changes }) => changes.map((change) => change.hash)));
  if (shown.size === 0) return { shown, plan: plan.hash };
  terminal.note(planText(plan));
  const answer = await terminal.ask("Apply these changes? Only yes will do: ");
  return answer === "yes" ? { shown, plan: plan.hash } : undefined;
}

async function runApply(
  context: Context,
  session: Session,
  { shown }: Consent,
): Promise<readonly RunReport[]> {
  const only = chosenTargets(context, session);
  const options: RunOptions = { planOnly: false, shown, full: context.args.has(fullFlag), pass: true };
  const all = await session.engine.run(options, only);
  const reports = all.filter(({ target }) => !only || only.has(target));
  for (const report of reports) await session.state.setNotes(report.target, notesOf(report, context.now()));
  return reports;
}

/** How many items that were shown are not there any more: done meanwhile, or what they would change is something else now. */
function goneFrom({ shown }: Consent, reports: readonly RunReport[]): number {
  const items = reports.flatMap(({ guarded }) => [
    ...guarded.items,
    ...guarded.withheld.map(({ item }) => item),
  ]);
  // One whose values another store has assigned meanwhile was shown before they were known.
  const found = new Set(items.flatMap(({ hash, earlierHash }) => [hash, earlierHash]));
  return [...(shown ?? [])].filter((hash) => !found.has(hash)).length;
}

function codeOf(
  reports: readonly RunReport[],
  { hasErrors, interrupted, gone }: { hasErrors: boolean; interrupted: boolean; gone: number },
): number {
  const verdict = verdictOf(reports);
  if (interrupted) return exitCode.interrupted;
  if (verdict.failed || verdict.changes || hasErrors) return exitCode.failed;
  return verdict.held || gone > 0 ? exitCode.held : exitCode.done;
}
