import { userInfo } from "node:os";
import { didYouMean } from "../core/kinds/nearest.ts";
import type { Snapshot } from "../core/kinds/resource.ts";
import type { Link } from "../core/model/link.ts";
import { plural } from "../report/words.ts";
import type { BatchResult, State } from "../state/state.ts";
import { type Context, exitCode, UsageError } from "./command.ts";
import { openSession } from "./session.ts";

/** Ends what is remembered of a Target whose manifest is gone. Its accounts stay as they are in their store, and are nobody's. */
export async function forget(context: Context, { yes }: { readonly yes: boolean }): Promise<number> {
  const { args, terminal, now } = context;
  const [, target] = args.operands;
  if (target === undefined)
    throw new UsageError("state forget needs the name of a Target that is deleted: rollcall status tells");
  if (!yes && !terminal.interactive)
    throw new UsageError("state forget asks on a terminal, and this is none: say --yes");
  const session = await openSession(context, { mode: "write" });
  try {
    const { state, snapshot } = session;
    demandGone(snapshot, target);
    const links = (await Array.fromAsync(state.links(target))).flat();
    const question = `Forget whose ${plural(links.length, "account")} of Target ${target} are? They stay as they are. Only yes will do: `;
    if (!yes && (await terminal.ask(question)) !== "yes") {
      terminal.note("Nothing was changed.");
      return exitCode.failed;
    }
    const by = { at: now(), revision: snapshot.revision, by: userInfo().username };
    await forgetTarget(state, target, links, by);
    await terminal.print(
      `Target ${target} is forgotten: ${plural(links.length, "account")} not linked any longer, and nothing changed in a store.\n`,
    );
    return exitCode.done;
  } finally {
    await session.close();
  }
}

function demandGone({ objects }: Snapshot, target: string): void {
  const known = objects.Target.get(target);
  if (!known)
    throw new UsageError(
      `no Target "${target}" is remembered${didYouMean(target, [...objects.Target.keys()])}`,
    );
  const { standing } = known;
  if (standing.status === "Held")
    throw new UsageError(`cannot tell whether Target/${target} is gone: ${standing.reason}`);
  if (standing.status === "Current")
    throw new UsageError(`Target/${target} is in the manifests: delete it there first`);
}

interface Person {
  readonly at: number;
  readonly revision: string;
  readonly by: string;
}

/** Links forgotten in one transaction. */
const atOnce = 1000;

/** The manifest goes last: who is killed meanwhile says it once more. */
async function forgetTarget(
  state: State,
  target: string,
  links: readonly Link[],
  person: Person,
): Promise<void> {
  // What came of these is not looked up any more, and the journal says so.
  for (const { id, intents } of await state.openBatches(target))
    await state.finish({
      batch: id,
      journal: intents.map((intent) => ({
        ...intent,
        result: "InDoubt",
        error: "its target was forgotten before it was looked up",
      })),
    });
  for (let from = 0; from < links.length; from += atOnce)
    await state.finish(unlinking(links.slice(from, from + atOnce), person));
  const entitlements = await state.entitlements(target);
  await state.finish({ dropEntitlements: [...entitlements.keys()].map((anchor) => ({ target, anchor })) });
  await state.putHolds(target, []);
  const notes = await state.notes(target);
  await state.setNotes(target, Object.fromEntries(notes.keys().map((name) => [name, undefined])));
  await state.saveManifests({ put: [], remove: [{ kind: "Target", name: target }] });
}

function unlinking(links: readonly Link[], { at, revision, by }: Person): BatchResult {
  return {
    unlink: links.map(({ target, identity }) => ({ target, identity })),
    journal: links.map(({ target, identity, anchor, name }) => ({
      ...{ at, revision, target, identity, anchor, name },
      operation: "Forget",
      result: "Done",
      item: "",
      reasons: [[{ source: "Person", name: by, detail: `forgot Target ${target}` }]],
      patch: [],
      before: {},
    })),
  };
}
