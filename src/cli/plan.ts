import { everythingShown } from "../core/plan/guard.ts";
import type { TargetReport } from "../engine/run.ts";
import { type Head, type PlanDocument, planDocument } from "../report/document.ts";
import { planMarkdown } from "../report/markdown.ts";
import { verdictOf } from "../report/run-report.ts";
import { planText } from "../report/text.ts";
import { asksCluster, clientFlags, serverFlag } from "./cluster/client-flags.ts";
import { planRemotely } from "./cluster/plan-remote.ts";
import { type Command, type Context, exitCode, type Flag } from "./command.ts";
import { folderFlag, fullFlag, initFlag, outputFlag, reachFlags, stateFlag, targetFlag } from "./flags.ts";
import { keepPlan, sameFlags } from "./kept-plan.ts";
import { toldNotRun } from "./not-run.ts";
import { printDocument } from "./output.ts";
import { baseFlag, planBase } from "./plan-base.ts";
import { chosenTargets, noteProblems } from "./problems.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml", "markdown");
const clusterFlag: Flag = {
  name: "cluster",
  summary:
    "ask the cluster's controller what the folder would change there; with --base, what its edits would",
};

export const planCommand: Command = {
  name: "plan",
  summary: "show what apply would change in the stores, and change nothing",
  description:
    "Reads the manifests and the stores, and compares. The plan is kept in the state, where there is one that can be written to, so that\n`apply --plan HASH` applies what was shown and nothing else. Proposed adoptions, and removals that follow from what was edited or vanished\na moment ago, are part of it: that somebody has seen them lets them pass. Limits hold whoever has seen what.\n\nWithout -f the controller of a cluster is asked. With --cluster or --server it plans the folder's manifests over its own, and keeps nothing: a pull request shows\nso what merging it would do. Stores that the folder changes are not dialled for it.",
  flags: [
    ...[folderFlag, targetFlag, output, baseFlag, stateFlag, ...reachFlags, initFlag, fullFlag],
    ...[clusterFlag, ...clientFlags],
  ],
  examples: [
    "rollcall plan -f manifests",
    "rollcall plan -f manifests --target corp-directory -o json",
    "rollcall plan -f manifests -o markdown > comment.md",
    "rollcall plan -f manifests --base origin/main",
    "rollcall plan --namespace acme",
    "rollcall plan -f manifests --base origin/main --cluster --namespace acme",
  ],
  exits: {
    0: "nothing would change",
    1: "something would change",
    2: "an error: in the manifests, or a store could not be read (the rest is planned all the same)",
    3: "something is held, or waits for a person",
  },
  run: plan,
};

async function plan(context: Context): Promise<number> {
  const { args, terminal } = context;
  const base = args.text(baseFlag);
  if (asksCluster(context, [stateFlag, ...reachFlags, initFlag], [clusterFlag, serverFlag]))
    return planRemotely(context, base, args.text(output) ?? "table");
  if (base !== undefined) return planBase(context, base, args.text(output) ?? "table");
  const session = await openSession(context, { mode: args.has(initFlag) ? "write" : "look" });
  try {
    const hasErrors = noteProblems(context, session);
    noteState(context, session);
    const reports = await runPlan(context, session);
    const document = planDocument(await headOf(context, session), reports);
    await printDocument(terminal, args.text(output) ?? "table", document, {
      table: planText,
      markdown: planMarkdown,
    });
    await offer(context, session, document, reports);
    const verdict = verdictOf(reports);
    if (verdict.failed || hasErrors) return exitCode.failed;
    if (verdict.held) return exitCode.held;
    return verdict.changes ? exitCode.changes : exitCode.done;
  } finally {
    await session.close();
  }
}

/** Runs the chosen targets up to where they would apply. */
export async function runPlan(context: Context, session: Session): Promise<readonly TargetReport[]> {
  const only = chosenTargets(context, session);
  session.engine.markAll();
  const options = { planOnly: true, shown: everythingShown, full: context.args.has(fullFlag), pass: true };
  const reports = await session.engine.run(options, only);
  session.engine.markAll();
  return reports.filter(({ target }) => !only || only.has(target));
}

export async function headOf(
  { now }: Context,
  { snapshot, state, problems, shownPlace, isFirstRun }: Session,
): Promise<Head> {
  return {
    at: new Date(now()).toISOString(),
    revision: snapshot.revision,
    state: { place: shownPlace, isFirstRun },
    problems,
    notRun: await toldNotRun(snapshot, state),
  };
}

export function noteState({ terminal }: Pick<Context, "terminal">, session: Session): void {
  if (session.isFirstRun)
    terminal.note(
      `This is a first run: there is no state at ${session.shownPlace} yet, so no account is linked.`,
    );
  else terminal.note(`State: ${session.shownPlace}`);
}

/** Keeps what was shown, and tells how to apply it. */
async function offer(
  context: Context,
  session: Session,
  { hash, targets }: PlanDocument,
  reports: readonly TargetReport[],
): Promise<void> {
  const { terminal, now } = context;
  const items = new Set(targets.flatMap(({ changes }) => changes.map((change) => change.hash)));
  // A hold that stands no longer goes, with its approval: what it let pass must not be let pass another time.
  const before = session.isFirstRun ? [] : await session.state.holds();
  const found = items.size + reports.flatMap(({ holds }) => holds).length;
  if (found + before.length === 0) return;
  if (session.isFirstRun) {
    terminal.note(
      `To apply it: rollcall apply ${sameFlags(context)} --init. (Where nobody can be asked: plan --init, then apply --plan.)`,
    );
    return;
  }
  const objection = await keepPlan(session, { hash, at: now(), items }, reports);
  if (objection !== undefined && found > 0)
    terminal.note(`apply --plan will not know this plan: ${objection}`);
  else if (items.size > 0)
    terminal.note(`To apply exactly this: rollcall apply ${sameFlags(context)} --plan ${hash}`);
}
