import type { Call, FindQuestion } from "../connectors/contract.ts";
import type { AccountRecord } from "../core/model/account.ts";
import { getOrAdd } from "../core/model/maps.ts";
import { accountsByKey, candidatesFor } from "../core/plan/candidates.ts";
import { questions } from "../core/plan/correlate.ts";
import { eachInSlices, inTurns } from "./breathe.ts";
import { callSize } from "./call-size.ts";
import type { Observation } from "./observe.ts";
import type { Suspect } from "./suspect.ts";
import type { TargetLane } from "./target-lane.ts";

export type CandidatesOf = (suspect: Suspect) => readonly AccountRecord[];

const none: readonly never[] = [];

/**
 * What correlation may choose from. Where fewer accounts are unlinked than questions would be asked, the unlinked accounts are
 * read and matched here; else the store is asked. A store that a scan found without unlinked accounts needs neither.
 */
export async function findCandidates(
  lane: TargetLane,
  suspects: readonly Suspect[],
  linkOf: (identity: string) => { readonly anchor: string } | undefined,
  observation: Observation | undefined,
  call: Call,
): Promise<CandidatesOf> {
  const { model, connector, index } = lane;
  const seekers: Suspect[] = [];
  await eachInSlices(suspects, (suspect) => {
    const { identity, desired, pinned } = suspect;
    const link = linkOf(identity);
    if (desired.presence === "Present" && (!link || (pinned !== undefined && link.anchor !== pinned)))
      seekers.push(suspect);
  });
  if (seekers.length === 0 || observation?.unlinked.size === 0) return () => none;
  const questionsToAsk = seekers.length * (1 + model.match.length);
  if (observation && observation.unlinked.size <= Math.max(callSize, questionsToAsk)) {
    const records: AccountRecord[] = [];
    // Some may have been linked since they were seen.
    const unlinked = [...observation.unlinked.keys()].filter(
      (anchor) => !index.at(anchor) && !lane.isClaimed(anchor),
    );
    for await (const some of inTurns(unlinked, callSize))
      records.push(...(await connector.fetch(some, call)));
    const known = accountsByKey(model, records);
    const seeking = new Set(seekers);
    return (suspect) => (seeking.has(suspect) ? candidatesFor(model, known, suspect) : none);
  }
  const found = new Map<string, Map<string, AccountRecord>>();
  const asked: { identity: string; question: FindQuestion }[] = [];
  await eachInSlices(seekers, ({ identity, desired }) => {
    if (desired.presence !== "Present") return;
    for (const question of questions(model, desired)) asked.push({ identity, question });
  });
  for await (const some of inTurns(asked, callSize)) {
    const answers = await connector.find(
      some.map(({ question }) => question),
      call,
    );
    some.forEach(({ identity }, place) => {
      const records = getOrAdd(found, identity, () => new Map<string, AccountRecord>());
      for (const record of answers[place] ?? [])
        if (!index.at(record.anchor) && !lane.isClaimed(record.anchor)) records.set(record.anchor, record);
    });
  }
  const pins = seekers.flatMap(({ pinned }) =>
    pinned === undefined || index.at(pinned) || lane.isClaimed(pinned) ? [] : [pinned],
  );
  const pinned = new Map<string, AccountRecord>();
  for await (const some of inTurns(pins, callSize))
    for (const record of await connector.fetch(some, call)) pinned.set(record.anchor, record);
  return (suspect) => {
    const own = suspect.pinned === undefined ? undefined : pinned.get(suspect.pinned);
    return [...(found.get(suspect.identity)?.values() ?? []), ...(own ? [own] : [])];
  };
}
