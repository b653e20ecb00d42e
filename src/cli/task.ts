import { userInfo } from "node:os";
import type { TaskOutcome } from "../core/kinds/provisioning-task.ts";
import type { Task } from "../core/tasks/task.ts";
import { answerTask } from "../engine/tasks/answer.ts";
import { standingText, taskDocument, tasksText, taskText } from "../report/task.ts";
import type { ControlAnswer } from "../server/protocol.ts";
import { isStateError } from "../state/errors.ts";
import { tellAnswer } from "./apply-remote.ts";
import { asksCluster } from "./cluster/client-flags.ts";
import { contextFlag, kubeconfigFlag, namespaceFlag } from "./cluster/flags.ts";
import { type RemoteTask, tasksInCluster, type Wish } from "./cluster/task-remote.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { askController } from "./controller-client.ts";
import { folderFlag, outputFlag, stateFlag, targetFlag } from "./flags.ts";
import { whileWriting } from "./kept-plan.ts";
import { printDocument } from "./output.ts";
import { openSession, type Session } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const allFlag: Flag = { name: "all", summary: "with list: those too that were closed in the last 92 days" };
const byFlag: Flag = {
  name: "by",
  value: "NAME",
  summary: "who says so, for the journal (default: your user name)",
};
const reasonFlag: Flag = { name: "reason", value: "TEXT", summary: "why; a rejection cannot be without" };

const outcomes: Readonly<Record<string, TaskOutcome>> = { complete: "Completed", reject: "Rejected" };

/** Characters that name a task. */
const leastOfName = 4;

export const taskCommand: Command = {
  name: "task",
  summary: "show what people are to do by hand, and say what became of it",
  description:
    "Where a target has spec.tasks, people change its store: each account that is to change is a task. A task closes by itself once the store\nshows what it asks for. complete says that this will be soon: when a newer reading does not show it, the task is open again. reject says that it\nwill not be done, and why: nobody is asked again until something else is due. NAME may be any part of a task's name that no other has.\n\nWithout -f it is of a cluster: what is said is said in the name by which the API server knows you.",
  operands: { usage: "list|show|complete|reject [NAME]", least: 1, most: 2 },
  flags: [
    ...[folderFlag, targetFlag, allFlag, byFlag, reasonFlag, output, stateFlag],
    ...[namespaceFlag, contextFlag, kubeconfigFlag],
  ],
  examples: [
    "rollcall task list -f manifests",
    "rollcall task show -f manifests badges-5d201cdc02ab",
    "rollcall task complete -f manifests 5d201cdc",
    "rollcall task reject -f manifests 5d201cdc --reason 'she stays until May'",
    "rollcall task complete -n acme 5d201cdc",
  ],
  exits: {
    0: "shown, or taken",
    2: "there is no such task, or it cannot be taken; or the controller failed at something",
  },
  run: task,
};

async function task(context: Context): Promise<number> {
  const { args } = context;
  const [what = "", name] = args.operands;
  if (!["list", "show", ...Object.keys(outcomes)].includes(what))
    throw new UsageError(`task knows list, show, complete and reject, not "${what}"`);
  if ((name === undefined) !== (what === "list"))
    throw new UsageError(
      what === "list" ? "list takes no NAME: show does" : `${what} needs the NAME of a task`,
    );
  if (asksCluster(context, [byFlag, output, stateFlag]))
    return tasksInCluster(context, wishOf(context, what, name));
  const session = await openSession(context, { mode: "read" });
  try {
    if (what === "list") return await list(context, session);
    const found = chosen(await session.state.tasks({ all: true }), name!);
    return what === "show"
      ? await show(context, found)
      : await answer(context, session, found, outcomes[what]!);
  } finally {
    await session.close();
  }
}

function wishOf({ args }: Context, what: string, name = ""): Wish {
  const only = new Set(args.texts(targetFlag));
  const isShown = ({ phase }: RemoteTask) => args.has(allFlag) || (phase !== "Done" && phase !== "Withdrawn");
  if (what === "list")
    return { what, isWanted: (task) => isShown(task) && (only.size === 0 || only.has(task.target)) };
  const choose = (tasks: readonly RemoteTask[]) => chosen(tasks, name);
  return what === "show"
    ? { what, choose }
    : { what: "answer", choose, said: { outcome: outcomes[what]!, reason: reasonOf(args, outcomes[what]!) } };
}

/** Throws a `UsageError` where it is missing. */
function reasonOf(args: Context["args"], outcome: TaskOutcome): string | undefined {
  const reason = args.text(reasonFlag);
  if (outcome === "Rejected" && !reason)
    throw new UsageError("reject needs --reason TEXT: why it will not be done");
  return reason;
}

async function list({ args, terminal, now }: Context, { state }: Session): Promise<number> {
  const only = new Set(args.texts(targetFlag));
  const tasks = await state.tasks({ all: args.has(allFlag) });
  const document = {
    format: "rollcall.dev/tasks/v1",
    tasks: tasks
      .filter(({ target }) => only.size === 0 || only.has(target))
      .map((each) => taskDocument(each, now())),
  };
  await printDocument(terminal, args.text(output) ?? "table", document, {
    table: ({ tasks: all }) => tasksText(all),
  });
  return exitCode.done;
}

async function show({ args, terminal, now }: Context, found: Task): Promise<number> {
  const document = { format: "rollcall.dev/task/v1", ...taskDocument(found, now()) };
  await printDocument(terminal, args.text(output) ?? "table", document, { table: taskText });
  return exitCode.done;
}

async function answer(
  context: Context,
  session: Session,
  { name, target }: Task,
  outcome: TaskOutcome,
): Promise<number> {
  const { args, terminal } = context;
  const by = args.text(byFlag) ?? userInfo().username;
  const reason = reasonOf(args, outcome);
  const said = { task: name, target, outcome, by, ...(reason === undefined ? {} : { reason }) };
  try {
    const refused = await whileWriting(session, (state) => answerTask(state, said, context.now()));
    if (refused !== undefined) throw new UsageError(refused);
  } catch (error) {
    if (!isStateError(error, "Locked")) throw error;
    const told = await askController(session.state.place, { do: "task", ...said });
    if (!told) throw error;
    // The controller has looked at the store for it. What else it waits for is not what was asked.
    if (isTrouble(told)) return tellAnswer(context, told);
  }
  const [now] = await session.state.tasks({ name });
  await terminal.print(`${standingText(now!)}\n`);
  return exitCode.done;
}

function isTrouble(told: ControlAnswer): boolean {
  if (!told.ok) return true;
  return told.targets.some(({ error, failed, left }) => error !== undefined || failed.length + left > 0);
}

function chosen<T extends { readonly name: string }>(tasks: readonly T[], part: string): T {
  const exact = tasks.find(({ name }) => name === part);
  if (exact) return exact;
  if (part.length < leastOfName)
    throw new UsageError(`${part} is too short: give at least ${leastOfName} characters of the task's name`);
  const found = tasks.filter(({ name }) => name.includes(part));
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new UsageError(`${part} is part of the names of ${found.length} tasks: give more of it`);
  throw new UsageError(`there is no task ${part}: rollcall task list shows those there are`);
}
