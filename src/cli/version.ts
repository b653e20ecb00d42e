import { type Command, exitCode } from "./command.ts";

export const versionCommand: Command = {
  name: "version",
  summary: "show the version of Rollcall and of what it runs on",
  flags: [],
  examples: ["rollcall version"],
  exits: { 0: "always" },
  async run({ terminal, version }) {
    await terminal.print(
      `rollcall ${version} (Node ${process.versions.node}, ${process.platform} ${process.arch})\n`,
    );
    return exitCode.done;
  },
};
