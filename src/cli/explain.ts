import type { Explanation } from "../report/explanation.ts";
import { explanationText } from "../report/explanation-text.ts";
import { asksCluster, clientFlags } from "./cluster/client-flags.ts";
import { reachController } from "./cluster/controller-api.ts";
import type { Command, Context, Flag } from "./command.ts";
import { explainCode, explainDocument } from "./explain-document.ts";
import { folderFlag, outputFlag, reachFlags, stateFlag } from "./flags.ts";
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
    "Reads one identity's accounts and changes nothing. A store that cannot be reached is left out: what the manifests say is told all the same.\nWithout -f a cluster's controller is asked.",
  operands: { usage: "IDENTITY", least: 1, most: 1 },
  flags: [folderFlag, ifFlag, output, stateFlag, ...reachFlags, ...clientFlags],
  examples: [
    "rollcall explain ada -f manifests",
    "rollcall explain ada -f manifests --if department=Sales --if title=Manager",
    "rollcall explain ada --namespace acme",
  ],
  exits: { 0: "explained", 2: "there is no such identity, or a store could not be asked" },
  run,
};

async function run(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  if (asksCluster(context, [stateFlag, ...reachFlags])) return explainRemotely(context);
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

async function explainRemotely(context: Context): Promise<number> {
  const { args, terminal } = context;
  const controller = await reachController(context);
  try {
    const question = { steps: ["explain", args.operands[0]!], query: { if: args.texts(ifFlag) } };
    const document = await controller.ask<Explanation>(question, "rollcall.dev/explanation/v1");
    await printDocument(terminal, args.text(output) ?? "table", document, { table: explanationText });
    return explainCode(document);
  } finally {
    await controller.close();
  }
}
