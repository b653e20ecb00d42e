import { type StatusDocument, statusText } from "../report/status.ts";
import { asksCluster, clientFlags } from "./cluster/client-flags.ts";
import { reachController } from "./cluster/controller-api.ts";
import type { Command, Context, Flag } from "./command.ts";
import { folderFlag, outputFlag, reachFlags, stateFlag, targetFlag } from "./flags.ts";
import { sameFlags } from "./kept-plan.ts";
import { printDocument } from "./output.ts";
import { noteState, runPlan } from "./plan.ts";
import { chosenTargets } from "./problems.ts";
import { openSession } from "./session.ts";
import { statusCode, statusDocument } from "./status-document.ts";

const output = outputFlag("table", "json", "yaml");
const sessionFlags = [folderFlag, stateFlag, ...reachFlags];
const refreshFlag: Flag = { name: "refresh", summary: "look at the stores now, changing nothing" };

export const statusCommand: Command = {
  name: "status",
  summary: "show how the targets stand: accounts, drift, what is held, the last success",
  description:
    "Tells what the last run left behind in the state, without contacting a store; --refresh looks at the stores.\nWithout -f a cluster's controller is asked.",
  flags: [folderFlag, targetFlag, refreshFlag, output, stateFlag, ...reachFlags, ...clientFlags],
  examples: [
    "rollcall status -f manifests",
    "rollcall status -f manifests --refresh -o json",
    "rollcall status --namespace acme",
  ],
  exits: {
    0: "nothing waits for anybody",
    2: "the manifests have errors, a store could not be read or written, or a controller could not write an export",
    3: "something is held, or waits for a person",
  },
  run: status,
};

async function status(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  if (asksCluster(context, [refreshFlag, stateFlag, ...reachFlags])) return statusRemotely(context);
  const session = await openSession(context, { mode: "look" });
  try {
    noteState(context, session);
    const only = chosenTargets(context, session);
    const fresh = args.has(refreshFlag) ? await runPlan(context, session) : [];
    const document = await statusDocument(session, now(), { only, fresh });
    await printDocument(terminal, args.text(output) ?? "table", document, { table: statusText });
    for (const { target } of document.targets)
      if (session.snapshot.objects.Target.get(target)?.standing.status === "Vanished")
        terminal.note(
          `To have it forgotten: rollcall state forget ${target} ${sameFlags(context, sessionFlags)}`,
        );
    return statusCode(document);
  } finally {
    await session.close();
  }
}

async function statusRemotely(context: Context): Promise<number> {
  const { args, terminal } = context;
  const controller = await reachController(context);
  try {
    const question = { steps: ["status"], query: { target: args.texts(targetFlag) } };
    const document = await controller.ask<StatusDocument>(question, "rollcall.dev/status/v1");
    await printDocument(terminal, args.text(output) ?? "table", document, { table: statusText });
    return statusCode(document);
  } finally {
    await controller.close();
  }
}
