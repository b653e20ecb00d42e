import { type Message, ModifyDNRequest } from "ldapts";
import {
  type DistinguishedName,
  formatName,
  isAtOrBelow,
  normaliseName,
  type RelativeName,
} from "../../core/model/distinguished-name.ts";
import { normalise, normalisedSet } from "../../core/model/matching.ts";
import type { AttributeDelta } from "../../core/model/values.ts";
import type { StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeOf } from "./attributes.ts";
import type { Directory } from "./directory.ts";
import { readName } from "./name.ts";
import type { Server } from "./server.ts";

type Modification = Extract<StoreChange, { readonly kind: "modify" }>;

/** Where a change takes the entry, by a rename or by moving it to or from where disabled accounts lie. */
export function destination(
  { rename, enabled, name }: Modification,
  from: DistinguishedName,
  directory: Directory,
): DistinguishedName | undefined {
  const wanted = rename === undefined ? undefined : readName(rename);
  const { disabledBase, bases } = directory.shape;
  if (disabledBase === undefined) return wanted;
  const isAway = isAtOrBelow(name, disabledBase);
  // A rename alone must not enable what lies with the disabled ones.
  if (enabled !== true && isAway) return wanted && [wanted[0]!, ...from.slice(1)];
  if (enabled === undefined) return wanted;
  if (!enabled) return [(wanted ?? from)[0]!, ...readName(disabledBase)];
  if (wanted !== undefined || !isAway) return wanted;
  if (bases[0] === undefined)
    throw new StoreError("Invalid", `cannot move ${name} back: name the base of enabled accounts in bases`);
  return [from[0]!, ...readName(bases[0])];
}

/** A rename that changes the spelling of the first step alone. */
export function respelled({ rename }: Modification, from: DistinguishedName): DistinguishedName | undefined {
  if (rename === undefined) return undefined;
  const [first] = readName(rename);
  const spelling = (step: RelativeName) => JSON.stringify(step.map((pair) => pair.value).sort());
  return spelling(first!) === spelling(from[0]!) ? undefined : [first!, ...from.slice(1)];
}

/** Built by hand, since the library splits names at escaped commas and always takes the old value away. */
export function renameRequest(
  change: Modification,
  from: DistinguishedName,
  to: DistinguishedName,
  server: Server,
): Message {
  const [oldParent, newParent] = [formatName(from.slice(1)), formatName(to.slice(1))];
  const dn = server.dialect.addressOf(change);
  // An address that is no name does not say where the entry is to stay.
  const stays = dn === change.name && normaliseName(oldParent) === normaliseName(newParent);
  return new ModifyDNRequest({
    messageId: 0,
    dn,
    newRdn: formatName(to.slice(0, 1)),
    deleteOldRdn: dropsOldNaming(change.attributes, from[0]!, to[0]!, server),
    ...(stays ? {} : { newSuperior: newParent }),
  });
}

/** The old naming value goes when the new one takes its place: not when it is of another attribute, or wanted still. */
function dropsOldNaming(
  deltas: readonly AttributeDelta[],
  from: RelativeName,
  to: RelativeName,
  server: Server,
): boolean {
  return from.every(({ type, value }) => {
    const { name, matching } = attributeOf(server, type);
    const wanted = deltas.find((delta) => attributeOf(server, delta.name).name === name)?.after ?? [];
    const keeps = normalisedSet(matching, wanted).has(normalise(matching, value)) && wanted.length > 1;
    return !keeps && to.some((other) => attributeOf(server, other.type).name === name);
  });
}

/** What is left to do of a delta when the rename has exchanged the naming values. */
export function afterRename(
  delta: AttributeDelta,
  from: RelativeName,
  to: RelativeName,
  server: Server,
): AttributeDelta {
  const { name, matching } = attributeOf(server, delta.name);
  const valuesIn = (step: RelativeName) =>
    step.filter((pair) => attributeOf(server, pair.type).name === name).map((pair) => pair.value);
  const [gone, come] = [normalisedSet(matching, valuesIn(from)), valuesIn(to)];
  if (come.length === 0) return delta;
  const wanted = normalisedSet(matching, delta.after);
  const left = delta.before.filter((value) => {
    const form = normalise(matching, value);
    return !gone.has(form) || wanted.has(form);
  });
  return { ...delta, before: [...left, ...come] };
}
