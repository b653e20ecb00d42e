import type { Command } from "../../src/cli/command.ts";
import { flagText, sentence, usageOf } from "../../src/cli/help.ts";

/** docs/cli.md, from the table of commands. */
export function cliPage(commands: readonly Command[]): string {
  return `# Command line

<!-- Generated from src/cli by npm run generate: edit there. -->

| Command | |
| --- | --- |
${commands.map(({ name, summary }) => `| [\`${name}\`](#rollcall-${name}) | ${cell(sentence(summary))} |`).join("\n")}

From a clone: \`npm run rollcall -- plan -f DIR\`. \`rollcall COMMAND --help\` shows what stands here.

Results go to standard output, alone: \`-o json\` can be piped whatever else happens. What is being done, what is odd and what is wrong goes to
standard error. Progress is shown on a terminal only.

| Environment | |
| --- | --- |
| \`ROLLCALL_STATE\` | the state, where \`--state\` names none |
| \`ROLLCALL_ROOT\` | the root of files that manifests name, where \`--root\` names none |
| \`ROLLCALL_SERVER\`, \`ROLLCALL_TOKEN\` | a cluster's controller and a token to ask it with, where \`--server\` and \`--token-file\` name none |
| \`XDG_STATE_HOME\` | where states lie that nobody named, in \`rollcall/\`; default \`~/.local/state\` |

A manifest's \`{ env: NAME }\` is read from the environment of the command that contacts the store.

${commands.map(section).join("\n")}`;
}

function section(command: Command): string {
  const { name, summary, description, flags, exits, examples } = command;
  const rows = flags.map((flag) => `| \`${flagText(flag)}\` | ${cell(flag.summary)} |`);
  return [
    `## rollcall ${name}`,
    "",
    sentence(summary),
    "",
    ...(description === undefined ? [] : [description, ""]),
    ...fenced([usageOf(command)]),
    ...(rows.length === 0 ? [] : ["| Flag | |", "| --- | --- |", ...rows, ""]),
    "| Exit code | |",
    "| --- | --- |",
    ...Object.entries(exits).map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`),
    "",
    ...fenced(examples),
  ].join("\n");
}

function fenced(lines: readonly string[]): string[] {
  return ["```sh", ...lines, "```", ""];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
