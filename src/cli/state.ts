import { exportState } from "../state/export.ts";
import { type Command, type Context, exitCode, UsageError } from "./command.ts";
import { folderFlag, outputFlag, reachFlags, stateFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { openSession } from "./session.ts";
import { forget } from "./state-forget.ts";
import { stateInfo, stateInfoText } from "./state-info.ts";
import { rebuild, yesFlag } from "./state-rebuild.ts";

const output = outputFlag("table", "json", "yaml");

export const stateCommand: Command = {
  name: "state",
  summary: "show the state, export it, make a lost one anew, or have it forget a Target",
  description:
    "info tells what is in it. export writes all of it as JSON lines (docs/state.md). rebuild makes a new state where one was lost: accounts\nthat match, or bear the name they would get, are linked, and what they hold is taken over as far as it is due; nothing in a store is changed.\nforget ends what is remembered of a Target whose manifest is gone: its accounts stay as they are, and are nobody's any longer. Should the Target\ncome back, it finds them by its match rules, as it would any others.\nWith --yes, it must have been missed for as long as its limits.settle says.",
  operands: { usage: "info|export|rebuild|forget TARGET", least: 1, most: 2 },
  flags: [folderFlag, yesFlag, output, stateFlag, ...reachFlags],
  examples: [
    "rollcall state info -f manifests",
    "rollcall state export -f manifests > state.jsonl",
    "rollcall state rebuild -f manifests",
    "rollcall state forget people -f manifests",
  ],
  exits: {
    0: "done",
    2: "there is no such state, or (rebuild) there is one, or a store could not be read; or (forget) the Target is not proved to be gone",
    3: "rebuilt, and something needs a person: rollcall plan shows it",
  },
  run,
};

async function run(context: Context): Promise<number> {
  const [what = "", more] = context.args.operands;
  if (more !== undefined && what !== "forget") throw new UsageError(`state ${what} takes no ${more}`);
  switch (what) {
    case "info":
      return info(context);
    case "export":
      return exportAll(context);
    case "rebuild":
      return rebuild(context);
    case "forget":
      return forget(context, {
        yes: context.args.has(yesFlag),
        format: context.args.text(output) ?? "table",
      });
    default:
      throw new UsageError(`state does not know "${what}": it has info, export, rebuild and forget`);
  }
}

async function info(context: Context): Promise<number> {
  const { args, terminal } = context;
  const session = await openSession(context, { mode: "read" });
  try {
    const document = await stateInfo(session.state);
    await printDocument(terminal, args.text(output) ?? "table", document, { table: stateInfoText });
    return exitCode.done;
  } finally {
    await session.close();
  }
}

async function exportAll(context: Context): Promise<number> {
  const session = await openSession(context, { mode: "read" });
  try {
    for await (const line of exportState(session.state)) await context.terminal.print(line);
    return exitCode.done;
  } finally {
    await session.close();
  }
}
