import { normalise } from "../model/matching.ts";
import type { Subject } from "./case.ts";
import type { PlanContext } from "./context.ts";
import { Claims } from "./correlate.ts";
import { proofs, strongKeys } from "./remember.ts";

/** Who has what already. */
export interface Owners {
  /** The identity that a linked account of this normalised name belongs to. */
  readonly ownerOf: (normalisedName: string) => string | undefined;
  /** The identity that is linked with this proof of who it is. */
  readonly ownerOfProof: (proof: string) => string | undefined;
}

/** Identities that want the same account name as another, or as a linked account, or prove to be the same person: none of them gets it. Who has it keeps it. */
export function* contests(
  context: PlanContext,
  subjects: readonly Subject[],
  owners: Owners,
): Generator<void, Map<string, string>> {
  const { nameMatching } = context.model.schema;
  const names = new Claims();
  const proven = new Claims();
  const messages = new Map<string, string>();
  for (const one of subjects) {
    yield;
    if (one.desired.presence !== "Present") continue;
    if (!one.link)
      for (const proof of proofs(context.model, strongKeys(context.model, one.desired))) {
        proven.add(one.identity, proof);
        const owner = owners.ownerOfProof(proof);
        if (owner !== undefined && owner !== one.identity)
          messages.set(one.identity, samePerson(proof, [one.identity, owner]));
      }
    const name = normalise(nameMatching, one.desired.name);
    if (!one.link || normalise(nameMatching, one.link.name) !== name) names.add(one.identity, name);
    const owner = owners.ownerOf(name);
    if (owner !== undefined && owner !== one.identity)
      messages.set(
        one.identity,
        `${one.desired.name} is the account of ${owner}: give one of them another name`,
      );
  }
  for (const [proof, who] of proven.contested)
    for (const identity of who) messages.set(identity, samePerson(proof, who));
  for (const [name, who] of names.contested)
    for (const identity of who)
      messages.set(identity, `${who.join(" and ")} would all be called ${name}: give them different names`);
  return messages;
}

function samePerson(proof: string, who: readonly string[]): string {
  return `${who.join(" and ")} both have ${proof}, which proves whose account it is: correct one of them, or let them be one identity`;
}
