import type { Outcome } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { bringBack, takeAwayAgain } from "./bring-back.ts";
import { checkLooked, lookFirst } from "./look.ts";
import { refusal } from "./outcome.ts";
import { perform } from "./perform.ts";
import { pipelined, writesInFlight } from "./pipeline.ts";
import type { Place } from "./place.ts";
import { readBack } from "./read-back.ts";
import type { LdapEntry } from "./wire.ts";
import { type AccountChange, type Writing, writingOf } from "./write.ts";

/** Makes changes one by one, each committed by itself. Errors are outcomes; what cannot be looked at throws. */
export async function performApart(place: Place, changes: readonly AccountChange[]): Promise<Outcome[]> {
  const back = await bringBack(place, changes);
  const looked = await lookFirst(place, back.changes);
  const outcomes: Outcome[] = [...back.outcomes];
  const writings = back.changes.flatMap((change) => {
    const prepared = prepare(place, change, looked);
    if ("requests" in prepared) return [prepared];
    outcomes.push(prepared);
    return [];
  });
  const unread: Writing[] = [];
  for (const result of await pipelined(writings, writesInFlight, (writing) => perform(place, writing)))
    if ("unread" in result) unread.push(result.unread);
    else outcomes.push(result);
  return await takeAwayAgain(place, back, [...outcomes, ...(await readBack(place, unread))]);
}

/** A change as requests, or what became of it without any. */
function prepare(
  { directory, server }: Place,
  change: AccountChange,
  looked: ReadonlyMap<string, LdapEntry | undefined>,
): Writing | Outcome {
  try {
    if (change.kind === "create" || !looked.has(change.anchor)) return writingOf(change, directory, server);
    const now = looked.get(change.anchor);
    if (now !== undefined) {
      checkLooked(server, change, now);
      return writingOf(change, directory, server, now);
    }
    if (change.kind === "delete")
      return { id: change.id, ok: true, anchor: change.anchor, name: change.name };
    return refusal(change.id, gone(change.name));
  } catch (error) {
    return refusal(change.id, error);
  }
}

function gone(name: string): StoreError {
  return new StoreError("NotFound", `cannot change ${name}: it is not there any longer`);
}
