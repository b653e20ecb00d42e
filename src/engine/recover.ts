import type { Batch, Intent } from "../state/state.ts";
import { FoundDone } from "./found-done.ts";
import { imageAfter, isOursToSet } from "./intent-image.ts";
import { lineOf } from "./journal-line.ts";
import { judgeOf } from "./judge.ts";
import { lookUp } from "./look-up.ts";
import { callFor, type Parts } from "./parts.ts";
import type { TargetLane } from "./target-lane.ts";

/**
 * Looks up what was begun and never finished: the process was killed, or the store's answer was lost (law 7). What was done is
 * remembered and journalled as done; what was not is journalled as failed, and planned anew like everything else.
 */
export async function recover(parts: Parts, lane: TargetLane): Promise<number> {
  const batches = await parts.state.openBatches(lane.model.name);
  for (const batch of batches) await recoverBatch(parts, lane, batch);
  return batches.length;
}

async function recoverBatch(parts: Parts, lane: TargetLane, batch: Batch): Promise<void> {
  const found = await FoundDone.of(parts, lane, batch.intents);
  const looked = await lookUp(
    lane,
    batch.intents,
    found,
    judgeOf(lane.model.schema),
    callFor(parts, 300_000),
  );
  const journal = looked.map(({ intent, done, record }) =>
    done
      ? lineOf(intent, {
          ...(isPasswordOfKnown(intent) ? passwordInDoubt(intent) : { result: "Done" }),
          ...(record ? { anchor: record.anchor, name: record.name } : {}),
        })
      : lineOf(intent, { result: "Failed", error: "looked up after it was cut off: it had not been done" }),
  );
  await parts.state.finish({ batch: batch.id, ...found.writes(), journal });
  found.commit();
}

/** No store tells whether a password is the one that was set. */
function passwordInDoubt(intent: Intent): { readonly result: "InDoubt"; readonly error: string } {
  const next = isOursToSet(intent) ? "it is set again" : "give it once more";
  const error = `looked up after it was cut off: whether the password was set cannot be told, ${next}`;
  return { result: "InDoubt", error };
}

function isPasswordOfKnown(intent: Intent): boolean {
  return intent.operation === "Update" && imageAfter(intent).password !== undefined;
}
