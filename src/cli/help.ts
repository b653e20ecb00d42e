import type { Command, Flag } from "./command.ts";
import { helpFlag } from "./flags.ts";

export function usageOf({ name, operands }: Command): string {
  return `rollcall ${name}${operands ? ` ${operands.usage}` : ""} [flags]`;
}

/** `-f, --filename DIR` */
export function flagText({ name, short, value }: Flag): string {
  return `${short ? `-${short}, ` : ""}--${name}${value === undefined ? "" : ` ${value}`}`;
}

export function commandHelp(command: Command): string {
  const sections = [
    `${sentence(command.summary)}\n`,
    ...(command.description === undefined ? [] : [`${command.description}\n`]),
    `Usage: ${usageOf(command)}\n`,
    `Flags:\n${columns([...command.flags, helpFlag].map((flag) => [flagText(flag), flag.summary]))}`,
    `Exit codes:\n${columns(Object.entries(command.exits))}`,
    `Examples:\n${command.examples.map((example) => `  ${example}\n`).join("")}`,
  ];
  return sections.join("\n");
}

export function overview(commands: readonly Command[]): string {
  return [
    "Rollcall keeps every account in every store equal to what your manifests say.\n",
    "Usage: rollcall COMMAND [flags]\n",
    `Commands:\n${columns(commands.map(({ name, summary }) => [name, summary]))}`,
    "rollcall COMMAND --help tells more of each.\n",
  ].join("\n");
}

export function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
