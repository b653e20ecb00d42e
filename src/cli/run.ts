import { StoreError } from "../connectors/errors.ts";
import { didYouMean } from "../core/kinds/nearest.ts";
import { ApiError } from "../resources/kubernetes/api.ts";
import { StateError } from "../state/errors.ts";
import { ControllerError } from "./cluster/exchange.ts";
import { type Command, type Context, exitCode, UsageError } from "./command.ts";
import { helpFlag } from "./flags.ts";
import { commandHelp, overview } from "./help.ts";
import { parseCommandLine } from "./parse.ts";

/** Runs what the words ask for, and says on standard error why it cannot. Resolves to the exit code. */
export async function runCommandLine(
  commands: readonly Command[],
  words: readonly string[],
  context: Omit<Context, "args"> & {
    /** How people call it: `rollcall`, or `kubectl rollcall`. */
    readonly program: string;
  },
): Promise<number> {
  const { terminal, program } = context;
  const [name = "help", ...rest] = words;
  try {
    if (["help", "--help", "-h"].includes(name)) return await help(commands, rest[0], context);
    if (name === "--version") return await find(commands, "version").run({ ...context, args: noArgs });
    const command = find(commands, name);
    const args = parseCommandLine(command, rest);
    if (args.has(helpFlag)) return await help(commands, name, context);
    return await command.run({ ...context, args });
  } catch (error) {
    terminal.note(`rollcall: ${textOf(error)}`);
    if (error instanceof UsageError) terminal.note(hint(commands, program, name));
    return exitCode.failed;
  }
}

const noArgs = { operands: [], text: () => undefined, texts: () => [], has: () => false };

async function help(
  commands: readonly Command[],
  name: string | undefined,
  { terminal, program }: Pick<Context, "terminal"> & { readonly program: string },
): Promise<number> {
  const text = name === undefined ? overview(commands) : commandHelp(find(commands, name));
  await terminal.print(text.replace(/\brollcall (?=[A-Za-z-])/g, `${program} `));
  return exitCode.done;
}

function find(commands: readonly Command[], name: string): Command {
  const command = commands.find((each) => each.name === name);
  if (command) return command;
  const names = commands.map((each) => each.name);
  throw new UsageError(`there is no command "${name}"${didYouMean(name, names)}`);
}

const outside = [UsageError, StateError, StoreError, ControllerError, ApiError];

/** What somebody else's error says to people; of our own mistakes, where they were made. */
function textOf(error: unknown): string {
  if (outside.some((kind) => error instanceof kind)) return (error as Error).message;
  return `this is a mistake in Rollcall, please report it: ${error instanceof Error ? error.stack : String(error)}`;
}

function hint(commands: readonly Command[], program: string, name: string): string {
  const known = commands.some((command) => command.name === name);
  return `See ${program} ${known ? `${name} ` : ""}--help`;
}
