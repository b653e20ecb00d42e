import { parseArgs } from "node:util";
import { didYouMean } from "../core/kinds/nearest.ts";
import { type Args, type Command, type Flag, UsageError } from "./command.ts";
import { helpFlag } from "./flags.ts";

/** Reads what follows a command's name. Throws a `UsageError` that names what is not known with the nearest that is. */
export function parseCommandLine(command: Command, words: readonly string[]): Args {
  const flags = [...command.flags, helpFlag];
  const values = new Map<Flag, string[]>();
  const operands: string[] = [];
  for (const token of tokensOf(flags, words)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find(({ name }) => name === token.name);
    if (!flag) throw unknownFlag(command, token.rawName, flags);
    const value = checkedValue(flag, token.rawName, token.value);
    values.set(flag, [...(values.get(flag) ?? []), value]);
  }
  const args: Args = {
    operands,
    text: (flag) => values.get(flag)?.at(-1),
    texts: (flag) => values.get(flag) ?? [],
    has: (flag) => values.has(flag),
  };
  if (!args.has(helpFlag)) checkOperands(command, operands);
  return args;
}

function tokensOf(flags: readonly Flag[], words: readonly string[]) {
  const options = Object.fromEntries(
    flags.map(({ name, short, value }) => [
      name,
      { type: value === undefined ? "boolean" : "string", multiple: true, ...(short && { short }) } as const,
    ]),
  );
  return parseArgs({ args: [...words], options, strict: false, tokens: true }).tokens;
}

function unknownFlag(command: Command, raw: string, flags: readonly Flag[]): UsageError {
  const names = flags.map(({ name }) => `--${name}`);
  return new UsageError(`${command.name} has no flag ${raw}${didYouMean(raw, names)}`);
}

function checkedValue(flag: Flag, raw: string, value: string | undefined): string {
  if (flag.value === undefined) {
    if (value === undefined) return "";
    throw new UsageError(`${raw} takes no value: leave out "${value}"`);
  }
  if (value === undefined) throw new UsageError(`${raw} needs a value: ${raw} ${flag.value}`);
  if (flag.choices && !flag.choices.includes(value))
    throw new UsageError(
      `${raw} must be one of ${flag.choices.join(", ")}, not "${value}"${didYouMean(value, flag.choices)}`,
    );
  return value;
}

function checkOperands({ name, operands }: Command, given: readonly string[]): void {
  const { usage, least, most } = operands ?? { usage: "", least: 0, most: 0 };
  if (given.length < least) throw new UsageError(`${name} needs ${usage}`);
  const extra = given[most];
  if (extra !== undefined) throw new UsageError(`${name} does not know what to do with "${extra}"`);
}
