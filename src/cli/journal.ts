import { startOf } from "../core/model/moment.ts";
import type { JournalQuery } from "../state/state.ts";
import { asksCluster, clientFlags } from "./cluster/client-flags.ts";
import { reachController } from "./cluster/controller-api.ts";
import { type Args, type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { folderFlag, outputFlag, stateFlag } from "./flags.ts";
import { idOf, type JournalDocument, journalLine } from "./journal-document.ts";
import { JournalPrinter } from "./journal-printer.ts";
import { ldifStyles } from "./ldif-styles.ts";
import { openSession } from "./session.ts";

const output = outputFlag("table", "json", "ldif");
const sinceFlag: Flag = {
  name: "since",
  value: "WHEN",
  summary: "from then on: 2h, 30m, 7d ago, or a day or instant such as 2026-03-31 or 2026-03-31T17:00:00Z",
};
const identityFlag: Flag = {
  name: "identity",
  value: "IDENTITY",
  summary: "only this identity, by name or id",
};
const targetFlag: Flag = { name: "target", value: "NAME", summary: "only this target" };
const lastFlag: Flag = {
  name: "last",
  value: "N",
  summary: "the newest N (default: 50, unless --since is given)",
};

export const journalCommand: Command = {
  name: "journal",
  summary: "show what was done: when, why, by which revision of the manifests, before and after",
  description:
    "Oldest first. What was tried and failed is in it too. -o json prints one JSON object a line. Sensitive values were masked when they were written.\n-o ldif prints the changes of directories as change records (RFC 2849), with comments on what those cannot say: why, and values that were masked. How a target disables accounts and lists members it only knows with -f; otherwise these are comments, too.\nWithout -f a cluster's controller is asked, which tells at most 10,000 lines at once.",
  flags: [folderFlag, sinceFlag, identityFlag, targetFlag, lastFlag, output, stateFlag, ...clientFlags],
  examples: [
    "rollcall journal -f manifests --since 2h",
    "rollcall journal -f manifests --identity ada -o json",
    "rollcall journal -f manifests --last 500",
    "rollcall journal -f manifests --since 1d -o ldif",
    "rollcall journal --namespace acme --since 1d",
  ],
  exits: { 0: "shown, if only that there is nothing", 2: "there is no state, or it cannot be read" },
  run,
};

async function run(context: Context): Promise<number> {
  const { args } = context;
  const query = queryOf(args, context.now());
  if (asksCluster(context, [stateFlag])) return journalRemotely(context, query);
  const session = await openSession(context, { mode: "read" });
  try {
    const named = session.snapshot.objects.Identity;
    const identity = idOf(args.text(identityFlag), (name) => named.get(name)?.resource);
    const printer = new JournalPrinter(
      context.terminal,
      args.text(output),
      ldifStyles(context.connectors, session.snapshot),
    );
    for await (const page of session.state.journal({ ...query, ...identity }))
      await printer.print(page.map(journalLine));
    printer.end();
    return exitCode.done;
  } finally {
    await session.close();
  }
}

async function journalRemotely(context: Context, { since, last, target }: JournalQuery): Promise<number> {
  const { args, terminal } = context;
  const controller = await reachController(context);
  try {
    const query = {
      ...{ target, identity: args.text(identityFlag) },
      ...{ since: since?.toString(), last: last?.toString() },
    };
    const { entries, more } = await controller.ask<JournalDocument>(
      { steps: ["journal"], query },
      "rollcall.dev/journal/v1",
    );
    const printer = new JournalPrinter(context.terminal, args.text(output), () => ({}));
    await printer.print(entries);
    printer.end();
    if (more && last === undefined)
      terminal.note("There are older lines since then: ask for a shorter time.");
    return exitCode.done;
  } finally {
    await controller.close();
  }
}

function queryOf(args: Args, now: number): JournalQuery {
  const since = args.text(sinceFlag);
  const last = args.text(lastFlag);
  const target = args.text(targetFlag);
  if (last !== undefined && !/^[1-9][0-9]{0,8}$/.test(last))
    throw new UsageError(`--last must be a number, as in 50, not "${last}"`);
  return {
    ...(target === undefined ? {} : { target }),
    ...(since === undefined ? {} : { since: momentOf(since, now) }),
    ...(last !== undefined ? { last: Number(last) } : since === undefined ? { last: 50 } : {}),
  };
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function momentOf(text: string, now: number): number {
  const [, amount, unit] = /^([0-9]{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * units[unit!]!;
  const moment = startOf(text);
  if (moment !== undefined) return moment;
  throw new UsageError(`--since must be 30m, 2h or 7d, or a day or instant as in 2026-03-31, not "${text}"`);
}
