import { userInfo } from "node:os";
import { plain, plural } from "../report/words.ts";
import { isStateError } from "../state/errors.ts";
import type { Hold } from "../state/state.ts";
import { tellAnswer } from "./apply-remote.ts";
import { approveInCluster } from "./cluster/approve-remote.ts";
import { asksCluster } from "./cluster/client-flags.ts";
import { contextFlag, kubeconfigFlag, namespaceFlag } from "./cluster/flags.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { askController } from "./controller-client.ts";
import { folderFlag, stateFlag } from "./flags.ts";
import { sameFlags, whileWriting } from "./kept-plan.ts";
import { openSession } from "./session.ts";

const byFlag: Flag = {
  name: "by",
  value: "NAME",
  summary: "who approves, for the journal (default: your user name)",
};
const reasonFlag: Flag = {
  name: "reason",
  value: "TEXT",
  summary: "why, in a cluster: kept in the Approval",
};
const listFlag: Flag = { name: "list", summary: "show what can be approved" };

/** Characters of a hash that name a hold. */
const leastOfHash = 8;

export const approveCommand: Command = {
  name: "approve",
  summary: "let pass what a limit holds",
  description:
    "A hold is a list of changes that were withheld together because a limit of the target did not allow them. Approving lets exactly\nthese changes be applied by the next apply, as long as each still stands as it was shown; it adds none. An approval lasts as long as its hold.\n\nWithout -f it is made in a cluster: as an Approval, in the name by which the API server knows you.",
  operands: { usage: "HASH", least: 0, most: 1 },
  flags: [folderFlag, byFlag, reasonFlag, listFlag, stateFlag, namespaceFlag, contextFlag, kubeconfigFlag],
  examples: [
    "rollcall approve -f manifests --list",
    "rollcall approve -f manifests 3f2a9c12",
    "rollcall approve -n acme 3f2a9c12 --reason 'the plant was sold'",
  ],
  exits: {
    0: "approved",
    2: "there is no such hold; or the controller failed to apply it",
    3: "approved, and the controller still holds something else",
  },
  run: approve,
};

async function approve(context: Context): Promise<number> {
  const { args, terminal, now } = context;
  const [prefix] = args.operands;
  const shows = args.has(listFlag);
  if (!shows && prefix === undefined)
    throw new UsageError("approve needs the HASH of a hold: --list shows them");
  if (asksCluster(context, [byFlag, stateFlag]))
    return approveInCluster(context, {
      reason: args.text(reasonFlag),
      ...(!shows && { choose: (holds) => chosen(holds, prefix!) }),
    });
  if (args.has(reasonFlag))
    throw new UsageError("--reason is for an Approval in a cluster: leave out -f, or the reason");
  const session = await openSession(context, { mode: "read" });
  try {
    const holds = (await session.state.holds()).filter(({ expires }) => expires > now());
    if (shows) {
      await terminal.print(listText(holds));
      return exitCode.done;
    }
    const hold = chosen(holds, prefix!);
    const by = args.text(byFlag) ?? userInfo().username;
    try {
      await whileWriting(session, (state) => state.approve(hold.hash, by, now()));
    } catch (error) {
      if (!isStateError(error, "Locked")) throw error;
      const answer = await askController(session.state.place, { do: "approve", hash: hold.hash, by });
      if (!answer) throw error;
      return await tellAnswer(context, answer);
    }
    await terminal.print(approvedText(hold, by));
    terminal.note(`To apply them: rollcall apply ${sameFlags(context)}`);
    return exitCode.done;
  } finally {
    await session.close();
  }
}

function chosen<H extends { readonly hash: string }>(holds: readonly H[], prefix: string): H {
  if (prefix.length < leastOfHash)
    throw new UsageError(
      `${prefix} is too short: give at least ${leastOfHash} characters of the hold's hash`,
    );
  const found = holds.filter(({ hash }) => hash.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw new UsageError(`${prefix} begins the hash of ${found.length} holds: give more of it`);
  throw new UsageError(
    `there is no hold ${prefix}: it may have expired, or changed with what it held; --list shows those there are`,
  );
}

function approvedText({ target, items }: Hold, by: string): string {
  return `${plain(by)} approved ${plural(items.length, "change")} of target ${target}: the next apply makes them, where each still stands as it was held.\n`;
}

export function listText(holds: readonly Hold[]): string {
  if (holds.length === 0) return "Nothing is held by a limit.\n";
  return holds.map(holdText).join("\n");
}

function holdText({ hash, target, reason, items, at, expires, approved }: Hold): string {
  const time = (moment: number) => new Date(moment).toISOString();
  return [
    `Hold ${hash}`,
    `  target ${target}, since ${time(at)}, expires ${time(expires)}`,
    `  ${plain(reason)}`,
    ...(approved ? [`  approved by ${plain(approved.by)} at ${time(approved.at)}`] : []),
    ...[...Map.groupBy(items, ({ name }) => name)].map(
      ([name, some]) => `    ${plain(name)}: ${operationsText(some)}`,
    ),
    "",
  ].join("\n");
}

/** `disable, revoke lab, tools` */
function operationsText(items: Hold["items"]): string {
  return [...Map.groupBy(items, ({ operation }) => operation.toLowerCase())]
    .map(([operation, some]) => {
      const of = some.flatMap(({ entitlementName: name }) => (name === undefined ? [] : plain(name)));
      return of.length === 0 ? operation : `${operation} ${of.join(", ")}`;
    })
    .join(", ");
}
