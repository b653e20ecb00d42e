import { plural } from "../report/words.ts";
import { renderProblem, validateFolder } from "../resources/directory/validate.ts";
import { type Command, type Context, exitCode } from "./command.ts";
import { folderFlag, outputFlag } from "./flags.ts";
import { folderOf } from "./place.ts";

const output = outputFlag("table", "json");

export const validateCommand: Command = {
  name: "validate",
  summary: "check the manifests of a folder, contacting no store",
  flags: [folderFlag, output],
  examples: ["rollcall validate -f manifests", "rollcall validate -f manifests -o json"],
  exits: { 0: "all manifests are valid; there may be warnings", 2: "something is wrong" },
  run: validate,
};

async function validate(context: Context): Promise<number> {
  const { args, terminal, connectors } = context;
  const folder = folderOf(context);
  const { problems, reading, valid } = await validateFolder(folder, connectors);
  const code = valid ? exitCode.done : exitCode.failed;
  if (args.text(output) === "json") {
    const document = {
      format: "rollcall.dev/validation/v1",
      valid,
      objects: reading.resources.length,
      problems,
    };
    await terminal.print(`${JSON.stringify(document, undefined, 2)}\n`);
    return code;
  }
  const shown = args.text(folderFlag) ?? folder;
  for (const problem of problems) await terminal.print(`${renderProblem(problem, shown)}\n`);
  const errors = problems.filter(({ severity }) => severity !== "Warning").length;
  const warnings = problems.length - errors;
  const found = plural(reading.resources.length, "valid object");
  await terminal.print(`${found}, ${plural(errors, "error")}, ${plural(warnings, "warning")}\n`);
  return code;
}
