import type { Shown } from "../core/plan/guard.ts";
import type { RunOptions } from "../engine/run.ts";
import { applyDocument, planDocument } from "../report/document.ts";
import { type RunReport, verdictOf } from "../report/run-report.ts";
import { applyText, planText } from "../report/text.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { folderFlag, fullFlag, initFlag, outputFlag, rootFlag, stateFlag, targetFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { headOf, noteState, runPlan } from "./plan.ts";
import { chosenTargets, noteProblems } from "./problems.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const yesFlag: Flag = {
  name: "yes",
  summary:
    "do not ask; removals that follow from vanished manifests or edited policies, and proposed adoptions, are left out",
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
    "On a terminal it shows the plan and asks. Elsewhere it needs --plan HASH (of a plan that somebody has seen) or --yes.\nCtrl-C finishes the batch in hand and says where it stands; run it again to go on.",
  flags: [folderFlag, planFlag, yesFlag, targetFlag, output, stateFlag, rootFlag, initFlag, fullFlag],
  examples: [
    "rollcall apply -f manifests --init",
    "rollcall apply -f manifests",
    "rollcall apply -f manifests --plan 5b0e…",
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

/** What is applied without asking any further: the items that somebody has seen, or undefined for whatever needs nobody. */
interface Consent {
  readonly shown: ReadonlySet<string> | undefined;
}

async function apply(context: Context): Promise<number> {
  const { args, terminal } = context;
  if (!args.has(planFlag) && !args.has(yesFlag) && !terminal.interactive)
    throw new UsageError(
      "apply asks on a terminal, and this is none: name a plan that was shown with --plan HASH, or say --yes",
    );
  const stop = context.stopSignal();
  const session = await openSession(context, { mode: "write", stop });
  try {
    const hasErrors = noteProblems(context, session);
    noteState(context, session);
    const consent = await consentOf(context, session);
    if (!consent) {
      terminal.note("Nothing was changed.");
      return exitCode.failed;
    }
    const reports = await runApply(context, session, consent.shown);
    const interrupted = stop.aborted;
    const gone = consent.shown ? goneFrom(consent.shown, reports) : 0;
    const document = applyDocument(headOf(context, session), reports, { interrupted, gone });
    await printDocument(terminal, args.text(output) ?? "table", document, { table: applyText });
    return codeOf(reports, { hasErrors, interrupted, gone });
  } finally {
    await session.close();
  }
}

async function consentOf(context: Context, session: Session): Promise<Consent | undefined> {
  const { args, terminal } = context;
  const hash = args.text(planFlag);
  if (hash !== undefined) {
    const plan = await session.state.plan(hash);
    if (plan) return { shown: plan.items };
    throw new UsageError(
      `the state ${session.state.place} holds no plan ${hash}: plan again, and name the hash that it prints (the newest 100 are kept)`,
    );
  }
  if (args.has(yesFlag)) return { shown: undefined };
  const reports = await runPlan(context, session);
  const document = planDocument(headOf(context, session), reports);
  terminal.note(planText(document));
  const items = document.targets.flatMap(({ changes }) => changes.map((change) => change.hash));
  if (items.length === 0) return { shown: new Set() };
  const answer = await terminal.ask("Apply these changes? Only yes will do: ");
  return answer === "yes" ? { shown: new Set(items) } : undefined;
}

async function runApply(
  context: Context,
  session: Session,
  shown: Shown | undefined,
): Promise<readonly RunReport[]> {
  const only = chosenTargets(context, session);
  const options: RunOptions = { planOnly: false, shown, full: context.args.has(fullFlag), pass: true };
  const reports = await session.engine.run(options, only);
  return reports.filter(({ target }) => !only || only.has(target));
}

/** How many items that were shown are not there any more: done meanwhile, or what they would change is something else now. */
function goneFrom(shown: ReadonlySet<string>, reports: readonly RunReport[]): number {
  const found = new Set(
    reports.flatMap(({ guarded }) => [
      ...guarded.items.map(({ hash }) => hash),
      ...guarded.withheld.map(({ item }) => item.hash),
    ]),
  );
  return [...shown].filter((hash) => !found.has(hash)).length;
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
