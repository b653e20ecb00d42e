import { userInfo } from "node:os";
import { didYouMean } from "../core/kinds/nearest.ts";
import type { Resource, Snapshot } from "../core/kinds/resource.ts";
import { parseDuration } from "../core/model/duration.ts";
import type { Link } from "../core/model/link.ts";
import { closeAll } from "../core/tasks/reconcile.ts";
import { plural } from "../report/words.ts";
import type { BatchResult, State } from "../state/state.ts";
import { type Context, exitCode, UsageError } from "./command.ts";
import { printDocument } from "./output.ts";
import { openSession } from "./session.ts";

/** What came of it: the format of `state forget -o json`. */
interface Forgotten {
  readonly target: string;
  /** Accounts that were linked. */
  readonly unlinked: number;
}

/** Ends what is remembered of a Target whose manifest is gone. Its accounts stay as they are in their store, and are nobody's. */
export async function forget(
  context: Context,
  { yes, format }: { readonly yes: boolean; readonly format: string },
): Promise<number> {
  const { args, terminal, now } = context;
  const [, target] = args.operands;
  if (target === undefined)
    throw new UsageError("state forget needs the name of a Target that is deleted: rollcall status tells");
  if (!yes && !terminal.interactive)
    throw new UsageError("state forget asks on a terminal, and this is none: say --yes");
  const session = await openSession(context, { mode: "write" });
  try {
    const { state } = session;
    const gone = demandGone(session.snapshot, target);
    if (yes) demandSettled(gone, now());
    const links = (await Array.fromAsync(state.links(target))).flat();
    const question = `Forget whose ${plural(links.length, "account")} of Target ${target} are? They stay as they are. Only yes will do: `;
    if (!yes && (await terminal.ask(question)) !== "yes") {
      terminal.note("Nothing was changed.");
      return exitCode.failed;
    }
    // It may have come back while somebody thought it over.
    const snapshot = yes ? session.snapshot : await session.reload();
    demandGone(snapshot, target);
    const by = { at: now(), revision: snapshot.revision, by: userInfo().username };
    await forgetTarget(state, target, links, by);
    await printDocument<Forgotten>(
      terminal,
      format,
      { target, unlinked: links.length },
      { table: forgottenText },
    );
    return exitCode.done;
  } finally {
    await session.close();
  }
}

function forgottenText({ target, unlinked }: Forgotten): string {
  return `Target ${target} is forgotten: ${plural(unlinked, "account")} not linked any longer, and nothing changed in a store.\n`;
}

interface Gone {
  readonly resource: Resource<"Target">;
  readonly at: number;
}

function demandGone({ objects }: Snapshot, target: string): Gone {
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
  return { resource: known.resource, at: standing.at };
}

/** As for all that is missing (law 4): the folder may be another one, or be written just now. Who is asked answers for it. */
function demandSettled({ resource: { name, spec }, at }: Gone, now: number): void {
  const { settle } = spec.limits;
  if (now - at < parseDuration(settle))
    throw new UsageError(
      `Target/${name} is not missed for long enough to be gone (limits.settle: ${settle}): say it again once it is, or on a terminal, where you are asked`,
    );
}

interface Person {
  readonly at: number;
  readonly revision: string;
  readonly by: string;
}

/** Links forgotten in one transaction. */
const atOnce = 1000;

/** What rests on links goes before them, and the manifest last: who is killed meanwhile says it once more. */
export async function forgetTarget(
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
  await state.putHolds(target, []);
  const entitlements = await state.entitlements(target);
  await state.finish({
    dropEntitlements: [...entitlements.keys()].map((anchor) => ({ target, anchor })),
    tasks: closeAll(await state.tasks({ target }), person.at).put,
  });
  const notes = await state.notes(target);
  await state.setNotes(target, Object.fromEntries(notes.keys().map((name) => [name, undefined])));
  for (let from = 0; from < links.length; from += atOnce)
    await state.finish(unlinking(links.slice(from, from + atOnce), person));
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
