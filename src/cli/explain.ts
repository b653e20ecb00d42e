import { explanationText } from "../report/explanation-text.ts";
import type { Command, Context, Flag } from "./command.ts";
import { explainCode, explainDocument } from "./explain-document.ts";
import { folderFlag, outputFlag, rootFlag, stateFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { noteState } from "./plan.ts";
import { openSession } from "./session.ts";

const output = outputFlag("table", "json", "yaml");
const ifFlag: Flag = {
  name: "if",
  value: "FIELD=VALUE",
  repeatable: true,
  summary:
    "what would change if the manifest said so: --if department=Sales; without a value, if it did not say",
};

export const explainCommand: Command = {
  name: "explain",
  summary: "tell why somebody has what they have, and what would change if they were somebody else",
  description:
    "Reads one identity's accounts and changes nothing. A store that cannot be reached is left out: what the manifests say is told all the same.",
  operands: { usage: "IDENTITY", least: 1, most: 1 },
  flags: [folderFlag, ifFlag, output, stateFlag, rootFlag],
  examples: [
    "rollcall explain ada -f manifests",
    "rollcall explain ada -f manifests --if department=Sales --if title=Manager",
  ],
  exits: { 0: "explained", 2: "there is no such identity, or a store could not be asked" },
  run,
};

async function run(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const session = await openSession(context, { mode: "look" });
  try {
    noteState(context, session);
    const document = await explainDocument(session, args.operands[0]!, args.texts(ifFlag), now());
    await printDocument(terminal, args.text(output) ?? "table", document, { table: explanationText });
    return explainCode(document);
  } finally {
    await session.close();
  }
}
