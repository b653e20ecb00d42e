import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import type { PasswordOrder } from "../engine/set-password.ts";
import { plain } from "../report/words.ts";
import { isStateError } from "../state/errors.ts";
import { contextFlag, kubeconfigFlag, namespaceFlag } from "./cluster/flags.ts";
import { secretValue } from "./cluster/secret-value.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { askController } from "./controller-client.ts";
import { summaryOf } from "./controller-requests.ts";
import { folderFlag, reachFlags, stateFlag } from "./flags.ts";
import { isText, noText } from "./passwords/text.ts";
import { openSession } from "./session.ts";

const target: Flag = { name: "target", value: "NAME", summary: "the target whose account it is" };
const mustChange: Flag = {
  name: "must-change",
  summary: "it must be changed at the next login, where the store has such a notion",
};
const fromSecret: Flag = {
  name: "from-secret",
  value: "NAME/KEY",
  summary: "set what this key of a Secret holds, read with your own rights",
};
const fromFile: Flag = { name: "from-file", value: "FILE", summary: "set what this file holds" };
const byFlag: Flag = {
  name: "by",
  value: "NAME",
  summary: "who does it, for the journal (default: your user name)",
};

export const passwordCommand: Command = {
  name: "password",
  summary: "set the password of one account, or give it a new one",
  description:
    "set takes a password from a prompt that does not show it, from standard input, a Secret or a file. reset has one generated and delivered to\nwhere the target delivers initial passwords. Either is guarded as any change, and journalled: who, when, never what. While a controller has\nthe state, it does the work. A password on the command line would be seen by everybody on the machine: there is no flag for it.",
  operands: { usage: "set|reset IDENTITY", least: 2, most: 2 },
  flags: [
    ...[folderFlag, target, mustChange, fromSecret, fromFile, byFlag, stateFlag, ...reachFlags],
    ...[namespaceFlag, contextFlag, kubeconfigFlag],
  ],
  examples: [
    "rollcall password set ada -f manifests --target corp-directory",
    "rollcall password set ada -f manifests --target corp-directory --from-file ~/ada.txt --must-change",
    "rollcall password reset ada -f manifests --target corp-directory",
  ],
  exits: { 0: "it is set", 2: "it is not, and why" },
  run: password,
};

async function password(context: Context): Promise<number> {
  const { args, terminal } = context;
  const [what, identity = ""] = args.operands;
  if (what !== "set" && what !== "reset") throw new UsageError(`password knows set and reset, not "${what}"`);
  const name = args.text(target);
  if (name === undefined) throw new UsageError("name the target whose account it is: --target NAME");
  if (!args.has(folderFlag))
    throw new UsageError(
      "password works on the state of a folder: -f DIR. In a cluster change what the Target names in spec.passwords.from",
    );
  const value = await valueFor(context, what);
  const order: PasswordOrder = {
    ...{ target: name, identity, value, by: args.text(byFlag) ?? userInfo().username },
    ...(args.has(mustChange) && { mustChange: true }),
  };
  const failure = await setOne(context, order);
  if (failure !== undefined) {
    terminal.note(`rollcall: ${plain(failure)}`);
    return exitCode.failed;
  }
  await terminal.print(`The password of ${plain(identity)} in target ${plain(name)} is ${what}.\n`);
  return exitCode.done;
}

/** Undefined for one that is to be generated. */
async function valueFor(context: Context, what: "set" | "reset"): Promise<string | undefined> {
  const { args } = context;
  const [secret, file] = [args.text(fromSecret), args.text(fromFile)];
  if (what === "reset") {
    if (secret === undefined && file === undefined) return undefined;
    throw new UsageError("reset makes a password up: use set with --from-secret or --from-file");
  }
  if (secret !== undefined && file !== undefined)
    throw new UsageError("--from-secret and --from-file exclude each other: give one of them");
  const value =
    secret !== undefined
      ? await secretValue(context, secret)
      : file !== undefined
        ? textOf(file)
        : await asked(context);
  if (value === "") throw new UsageError("the password is empty: give one");
  if (!isText(value)) throw new UsageError(`${secret ?? file ?? "the input"} ${noText}`);
  return value;
}

async function asked({ terminal }: Context): Promise<string> {
  const first = await terminal.askSecret("New password: ");
  const again = terminal.interactive ? await terminal.askSecret("The same again: ") : first;
  if (first === undefined || again === undefined) throw new UsageError("no password was given");
  if (first !== again) throw new UsageError("the two differ: try again");
  return first;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new UsageError(`cannot read --from-file ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Why it was not done. */
async function setOne(context: Context, order: PasswordOrder): Promise<string | undefined> {
  const session = await openSession(context, { mode: "write" }).catch((error: unknown) => {
    if (!isStateError(error, "Locked")) throw error;
    return undefined;
  });
  if (!session) return throughController(context, order);
  try {
    return failureOf([summaryOf(await session.engine.setPassword(order))]);
  } finally {
    await session.close();
  }
}

async function throughController(context: Context, order: PasswordOrder): Promise<string | undefined> {
  const session = await openSession(context, { mode: "read" });
  try {
    const answer = await askController(session.state.place, { do: "password", ...order });
    if (!answer)
      return `another process writes to state ${session.state.place} and is no controller: wait until it ends`;
    return answer.ok ? failureOf(answer.targets) : answer.error;
  } finally {
    await session.close();
  }
}

function failureOf(targets: readonly ReturnType<typeof summaryOf>[]): string | undefined {
  const [summary] = targets;
  if (!summary) return "the controller did not say what came of it: see rollcall journal";
  const [failed] = summary.failed;
  if (summary.error !== undefined || failed) return summary.error ?? failed?.error;
  return summary.done === 1 ? undefined : "it was not tried: the store went away, or the work was stopped";
}
