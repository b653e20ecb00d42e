import { everythingShown } from "../core/plan/guard.ts";
import type { TargetReport } from "../engine/run.ts";
import type { RunOptions } from "../engine/run-options.ts";
import { applyDocument, planDocument } from "../report/document.ts";
import { verdictOf } from "../report/run-report.ts";
import { applyText, planText } from "../report/text.ts";
import { plural } from "../report/words.ts";
import { type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { headOf } from "./plan.ts";
import { noteProblems } from "./problems.ts";
import { openSession } from "./session.ts";

export const yesFlag: Flag = { name: "yes", summary: "rebuild, forget: do not ask" };

/** Makes a new state where one was lost: links what is there, changes nothing in a store. */
export async function rebuild(context: Context): Promise<number> {
  const { args, terminal } = context;
  if (!args.has(yesFlag) && !terminal.interactive)
    throw new UsageError("state rebuild asks on a terminal, and this is none: say --yes");
  const shown = await show(context);
  if (shown === undefined) return exitCode.failed;
  if (
    !args.has(yesFlag) &&
    (await terminal.ask("Link these accounts in a new state? Only yes will do: ")) !== "yes"
  ) {
    terminal.note("Nothing was changed.");
    return exitCode.failed;
  }
  return link(context, shown);
}

/** Shows what would be linked; undefined where a store could not be read, since half a state is worse than none. */
async function show(context: Context): Promise<ReadonlySet<string> | undefined> {
  const { terminal } = context;
  const session = await openSession(context, { mode: "look" });
  try {
    if (!session.isFirstRun)
      throw new UsageError(
        `there is a state at ${session.state.place}: rebuild is for one that was lost; to take over more accounts, plan and apply`,
      );
    noteProblems(context, session);
    const options: RunOptions = {
      planOnly: true,
      shown: everythingShown,
      full: true,
      pass: true,
      rebuild: true,
    };
    const reports = await session.engine.run(options);
    const adoptions = reports.map(adoptionsOf);
    await terminal.print(planText(planDocument(await headOf(context, session), adoptions)));
    for (const { target, guarded } of reports) {
      const creates = guarded.items.filter(
        ({ operation, kind }) => operation === "Create" && kind === "account",
      );
      if (creates.length > 0)
        terminal.note(
          `Target ${target}: ${plural(creates.length, "identity")} without an account, which apply creates`,
        );
    }
    if (reports.some(({ error }) => error !== undefined)) {
      terminal.note("A store could not be read: nothing was changed. Rebuild when all can be.");
      return undefined;
    }
    return new Set(adoptions.flatMap(({ guarded }) => guarded.items.map(({ hash }) => hash)));
  } finally {
    await session.close();
  }
}

async function link(context: Context, shown: ReadonlySet<string>): Promise<number> {
  const { terminal } = context;
  const stop = context.stopSignal();
  const session = await openSession(context, { mode: "write", initialise: true, stop });
  try {
    const options: RunOptions = { planOnly: false, shown, full: true, pass: true, rebuild: true };
    const reports = (await session.engine.run(options)).map(adoptionsOf);
    const document = applyDocument(await headOf(context, session), reports, {
      interrupted: stop.aborted,
      gone: 0,
    });
    await terminal.print(applyText(document, { wasSeen: true }));
    const verdict = verdictOf(reports);
    if (verdict.failed || verdict.changes) return exitCode.failed;
    return verdict.held ? exitCode.held : exitCode.done;
  } finally {
    await session.close();
  }
}

/** The report with its adoptions alone: all else is for `plan` to show. */
function adoptionsOf(report: TargetReport): TargetReport {
  const { guarded, applied } = report;
  return {
    ...report,
    applied: applied && { ...applied, left: applied.left.filter(({ operation }) => operation === "Adopt") },
    guarded: {
      ...guarded,
      items: guarded.items.filter(({ operation }) => operation === "Adopt"),
      withheld: [],
      holds: [],
    },
    holds: [],
  };
}
