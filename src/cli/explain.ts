import { identityId } from "../core/kinds/identity-id.ts";
import { didYouMean } from "../core/kinds/nearest.ts";
import type { Resource, Snapshot } from "../core/kinds/resource.ts";
import { everythingShown } from "../core/plan/guard.ts";
import { explain } from "../engine/explain.ts";
import { suppose } from "../engine/suppose.ts";
import { explanationText } from "../report/explanation-text.ts";
import { type Command, type Context, exitCode, type Flag, UsageError } from "./command.ts";
import { folderFlag, outputFlag, rootFlag, stateFlag } from "./flags.ts";
import { printDocument } from "./output.ts";
import { noteState } from "./plan.ts";
import { openSession } from "./session.ts";
import { supposedSpec } from "./supposed-spec.ts";

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
    const identity = identityOf(session.snapshot, args.operands[0]!);
    const id = identityId(identity);
    const at = now();
    const edits = args.texts(ifFlag);
    const supposed = edits.length === 0 ? undefined : supposedSpec(identity.spec, edits);
    const { engine, state } = session;
    const explanation = await explain({ engine, state, now: at, shown: everythingShown }, id);
    const document = supposed
      ? { ...explanation, supposing: suppose(engine, id, supposed, edits, at) }
      : explanation;
    await printDocument(terminal, args.text(output) ?? "table", document, { table: explanationText });
    return document.targets.some(({ error }) => error !== undefined) ? exitCode.failed : exitCode.done;
  } finally {
    await session.close();
  }
}

/** By the object's name, the id, or the login name. */
function identityOf({ objects, unknown }: Snapshot, word: string): Resource<"Identity"> {
  const named = objects.Identity.get(word);
  if (named) return named.resource;
  const invalid = unknown.get(`Identity/${word}`);
  if (invalid !== undefined)
    throw new UsageError(`Identity/${word} is not valid: ${invalid}; rollcall validate tells more`);
  const all = [...objects.Identity.values()].map(({ resource }) => resource);
  const found =
    all.find((each) => identityId(each) === word) ?? all.find(({ spec }) => spec.userName === word);
  if (found) return found;
  const names = all.length > 5_000 ? [] : all.map(({ name }) => name);
  throw new UsageError(`there is no Identity "${word}" in the manifests${didYouMean(word, names)}`);
}
