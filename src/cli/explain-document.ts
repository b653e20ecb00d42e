import { identityId } from "../core/kinds/identity-id.ts";
import { didYouMean } from "../core/kinds/nearest.ts";
import type { Resource, Snapshot } from "../core/kinds/resource.ts";
import { everythingShown } from "../core/plan/guard.ts";
import type { Engine } from "../engine/engine.ts";
import { explain } from "../engine/explain.ts";
import { suppose } from "../engine/suppose.ts";
import type { Explanation } from "../report/explanation.ts";
import type { State } from "../state/state.ts";
import { exitCode, UsageError } from "./command.ts";
import { supposedSpec } from "./supposed-spec.ts";

export interface ExplainedParts {
  readonly engine: Engine;
  readonly state: State;
  readonly snapshot: Snapshot;
}

/**
 * Explains who is meant by a word, and what would be if the manifest said `edits` (`FIELD=VALUE`). `now` in ms. Throws a `UsageError`
 * where nobody is meant, or the edits give no valid Identity.
 */
export async function explainDocument(
  { engine, state, snapshot }: ExplainedParts,
  word: string,
  edits: readonly string[],
  now: number,
): Promise<Explanation> {
  const identity = identityOf(snapshot, word);
  const id = identityId(identity);
  const supposed = edits.length === 0 ? undefined : supposedSpec(identity.spec, edits);
  const explanation = await explain({ engine, state, now, shown: everythingShown }, id);
  return supposed ? { ...explanation, supposing: suppose(engine, id, supposed, edits, now) } : explanation;
}

export function explainCode({ targets }: Explanation): number {
  return targets.some(({ error }) => error !== undefined) ? exitCode.failed : exitCode.done;
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
