import { DeleteRequest } from "ldapts";
import type { AttributeDelta } from "../../core/model/values.ts";
import type { Outcome, StoreChange } from "../contract.ts";
import { StoreError, type StoreErrorKind } from "../errors.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import { observed, sighting } from "./dialect.ts";
import { codes, resultError } from "./errors.ts";
import { refusal } from "./outcome.ts";
import { pipelined, writesInFlight } from "./pipeline.ts";
import { entriesAt, type Place } from "./place.ts";
import type { LdapEntry } from "./wire.ts";
import type { AccountChange } from "./write.ts";

type Creation = Extract<StoreChange, { readonly kind: "create" }> & { readonly formerly: string };

export interface BroughtBack {
  /** Creations of what is there again are changes of it. */
  readonly changes: readonly AccountChange[];
  /** Of those that could not be brought back. */
  readonly outcomes: readonly Outcome[];
  /** The changes of what is there again. */
  readonly again: ReadonlyMap<number, AccountChange>;
}

/** Brings deleted accounts back where the directory has them still; all others are created anew. */
export async function bringBack(place: Place, changes: readonly AccountChange[]): Promise<BroughtBack> {
  const outcomes: Outcome[] = [];
  const back: Creation[] = [];
  const wanted = restorable(place, changes);
  const deleted = await entriesOf(place, wanted, true);
  const found = wanted.filter((change) => deleted.has(change.formerly));
  await pipelined(found, writesInFlight, async (change) => {
    try {
      if (await restore(place, change, deleted.get(change.formerly)!)) back.push(change);
    } catch (error) {
      outcomes.push(refusal(change.id, error));
    }
  });
  const entries = await entriesOf(place, back, false);
  const again = new Map(
    back.map((change) => [change.id, asModification(place, change, entries.get(change.formerly))]),
  );
  const refused = new Set(outcomes.map(({ id }) => id));
  const left = changes.filter(({ id }) => !refused.has(id)).map((change) => again.get(change.id) ?? change);
  return { changes: left, outcomes, again };
}

/** Deletes again what is back and could not be made what it should be: the next attempt finds it as this one did. */
export async function takeAwayAgain(
  place: Place,
  { again }: BroughtBack,
  outcomes: readonly Outcome[],
): Promise<Outcome[]> {
  return await pipelined(outcomes, writesInFlight, async (outcome) => {
    const change = again.get(outcome.id);
    if (change === undefined || change.kind !== "modify" || outcome.ok || unknown.has(outcome.error.kind))
      return outcome;
    const action = `delete ${change.name}`;
    const request = new DeleteRequest({ messageId: 0, dn: place.server.dialect.addressOf(change) });
    const result = await place.connection.send(request, place.call, { action, writes: true });
    if (result.code === codes.success) return outcome;
    const { kind, message } = outcome.error;
    const error = new StoreError(
      kind,
      `${message}; and it was brought back, and stays: ${resultError(action, result).message}`,
    );
    return { ...outcome, error };
  });
}

/** What a directory says where something that was deleted cannot be had again: a new account tells why if that cannot be had either. */
const impossible: ReadonlySet<number> = new Set([
  codes.operationsError,
  codes.noSuchAttribute,
  codes.noSuchObject,
  codes.unwillingToPerform,
]);

/** What became of these changes is looked up by the next pass. */
const unknown: ReadonlySet<StoreErrorKind> = new Set(["InDoubt", "Unavailable"]);

function restorable({ directory, server }: Place, changes: readonly AccountChange[]): Creation[] {
  if (directory.shape.restores !== true || server.dialect.restoring === undefined) return [];
  return changes.filter((change) => change.kind === "create" && change.formerly !== undefined) as Creation[];
}

/** False where it is not there any longer, or cannot be brought back as the directory says. */
async function restore(place: Place, change: Creation, entry: LdapEntry): Promise<boolean> {
  const restoring = place.server.dialect.restoring!;
  const request = restoring.request(entry, change.name);
  const action = `bring back ${change.name}`;
  const result = await place.connection.send(request, place.call, { action, writes: true });
  if (impossible.has(result.code)) return false;
  if (result.code === codes.insufficientAccessRights)
    throw resultError(action, { ...result, meaning: { kind: "Denied", why: restoring.cure } });
  if (result.code !== codes.success) throw resultError(action, result);
  return true;
}

async function entriesOf(
  place: Place,
  changes: readonly Creation[],
  deleted: boolean,
): Promise<Map<string, LdapEntry>> {
  const { server } = place;
  const { restoring } = server.dialect;
  const mapped = new Set(changes.flatMap((change) => Object.keys(change.attributes)));
  const shown = deleted ? [] : [...mapped].map((name) => attributeOf(server, name).transfer);
  const attributes = [...observed(server.dialect), ...shown];
  const anchors = changes.map(({ formerly }) => formerly);
  const only = deleted && restoring ? { filter: restoring.filter, controls: restoring.controls } : {};
  const entries = new Map<string, LdapEntry>();
  for await (const page of entriesAt(place, anchors, { attributes, ...only }))
    for (const entry of page) entries.set(sighting(server.dialect, entry).anchor, entry);
  return entries;
}

/** From what came back with the account to what is asked for. */
function asModification({ server }: Place, change: Creation, entry: LdapEntry | undefined): AccountChange {
  const { id, formerly, name, enabled, password } = change;
  const mapped = Object.keys(change.attributes).map((each) => attributeOf(server, each));
  const now = entry === undefined ? {} : decodeAttributes(mapped, entry);
  const attributes: AttributeDelta[] = Object.entries(change.attributes)
    // What kind of object it is stays as it was.
    .filter(([each]) => each.toLowerCase() !== "objectclass")
    .map(([each, after]) => ({ name: each, before: now[attributeOf(server, each).name] ?? [], after }));
  return { id, kind: "modify", anchor: formerly, name, attributes, enabled, ...(password && { password }) };
}
