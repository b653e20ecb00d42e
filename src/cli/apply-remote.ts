import { plain, plural } from "../report/words.ts";
import type { ControlAnswer, TargetSummary } from "../server/protocol.ts";
import { StateError } from "../state/errors.ts";
import { type Context, exitCode, UsageError } from "./command.ts";
import { askController } from "./controller-client.ts";
import { keepPlan } from "./kept-plan.ts";
import { chosenTargets } from "./problems.ts";
import type { Session } from "./session.ts";

/** What may be applied without asking any further. */
export interface Consent {
  /** The items that somebody has seen; undefined: whatever needs nobody to see it. */
  readonly shown: ReadonlySet<string> | undefined;
  /** The plan that they were seen in. */
  readonly plan: string | undefined;
}

/** Has the controller that holds the state apply what was consented to, and tells what came of it. */
export async function applyThroughController(
  context: Context,
  session: Session,
  { shown, plan }: Consent,
): Promise<number> {
  const { terminal, now } = context;
  if (shown && plan !== undefined) {
    const objection = await keepPlan(session, { hash: plan, at: now(), items: shown }, []);
    if (objection !== undefined) throw new UsageError(`cannot apply through the controller: ${objection}`);
  }
  const only = chosenTargets(context, session);
  terminal.note("A controller has the state: it applies the changes.");
  const answer = await askController(session.state.place, {
    do: "apply",
    ...(plan === undefined ? {} : { plan }),
    ...(only ? { targets: [...only] } : {}),
  });
  if (!answer)
    throw new StateError(
      "Locked",
      `cannot write to state ${session.state.place}: another process writes to it and is no controller; wait until it ends`,
    );
  return tellAnswer(context, answer);
}

/** Prints what a controller answered. Resolves to the exit code. */
export async function tellAnswer({ terminal }: Context, answer: ControlAnswer): Promise<number> {
  if (!answer.ok) {
    terminal.note(`rollcall: ${answer.error}`);
    return exitCode.failed;
  }
  for (const target of answer.targets) await terminal.print(`${summaryText(target)}\n`);
  if (answer.targets.some(({ error, failed, left }) => error !== undefined || failed.length + left > 0))
    return exitCode.failed;
  return answer.targets.some(({ withheld, handed }) => handed + Object.keys(withheld).length > 0)
    ? exitCode.held
    : exitCode.done;
}

function summaryText({ target, done, failed, left, handed, withheld, error }: TargetSummary): string {
  const held = Object.entries(withheld).map(([kind, count]) => `${count} held (${kind})`);
  const parts = [
    plural(done, "change"),
    ...(left > 0 ? [`${left} not tried`] : []),
    ...(handed > 0 ? [`${handed} asked of people`] : []),
    ...held,
  ];
  return [
    `Target ${target}: ${parts.join(", ")}`,
    ...(error === undefined ? [] : [`  ! ${plain(error)}`]),
    ...failed.map((each) => `  ! failed ${each.operation} ${plain(each.name)}: ${plain(each.error)}`),
  ].join("\n");
}
