import { DeleteRequest, type Message, ModifyDNRequest } from "ldapts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { AttributeDelta } from "../../core/model/values.ts";
import type { Outcome } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { actionOf, ask, refusedBy } from "./ask.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import { readPostRead } from "./controls.ts";
import { observed } from "./dialect.ts";
import { additionError, codes, resultError } from "./errors.ts";
import { checkLooked } from "./look.ts";
import { refusal, success, type Unread, withoutVersion } from "./outcome.ts";
import { PasswordRequest } from "./password.ts";
import { locate, type Place } from "./place.ts";
import { readOne } from "./search.ts";
import type { LdapEntry, LdapResult } from "./wire.ts";
import { type AccountChange, type Writing, writingOf } from "./write.ts";

/** Makes one change by itself. Errors are outcomes; nothing is thrown. */
export async function perform(place: Place, writing: Writing): Promise<Outcome | Unread> {
  try {
    return await attempt(place, writing, true);
  } catch (error) {
    return refusal(writing.change.id, error);
  }
}

async function attempt(place: Place, writing: Writing, again: boolean): Promise<Outcome | Unread> {
  const { change } = writing;
  let last: LdapEntry | undefined;
  let asserted = false;
  let isStale = false;
  let expected = change;
  for (const [at, request] of writing.requests.entries()) {
    const result = await ask(place, expected, request, !asserted);
    // A password is set before anything else, by an operation that takes no assertion: it was looked at first. It makes the version another.
    if (request instanceof PasswordRequest) expected = anyVersion(change);
    else asserted = true;
    if (result.code === codes.noSuchObject && change.kind !== "create")
      return await settleAbsent(place, change, request, result);
    const isDone = result.code === codes.attributeOrValueExists || result.code === codes.noSuchAttribute;
    if (isDone && again && change.kind === "modify")
      return await attempt(place, await remaining(place, writing, change), false);
    if (result.code !== codes.success) {
      const error = refusedBy(request, change, result);
      throw change.kind === "create" && at > 0 ? await undone(place, writing, error) : error;
    }
    isStale = request instanceof PasswordRequest;
    last = readPostRead(result) ?? last;
  }
  if (last === undefined && change.kind === "create") return { unread: writing };
  const outcome = success(place.server, writing, last);
  return isStale ? withoutVersion(outcome) : outcome;
}

/** The same change of the same entry, whatever its version is. */
function anyVersion(change: AccountChange): AccountChange {
  if (change.kind !== "modify") return change;
  const { expect: _, ...rest } = change;
  return rest;
}

/** Takes away again what was added, since an account without its password is not the one that was asked for. */
async function undone(place: Place, { name, change }: Writing, error: StoreError): Promise<StoreError> {
  const request = new DeleteRequest({ messageId: 0, dn: name });
  const result = await place.connection
    .send(request, place.call, { action: `delete ${name}`, writes: true })
    .catch((lost: unknown) => lost);
  if (result instanceof StoreError)
    return new StoreError("InDoubt", `${error.message}; and ${result.message}`, { cause: error });
  if ((result as LdapResult).code === codes.success) return error;
  const left = resultError(actionOf({ ...change, kind: "delete" } as AccountChange), result as LdapResult);
  return new StoreError(error.kind, `${error.message}; and what was added stays: ${left.message}`);
}

/** Something is not there: the entry, which was moved away or is gone, as a deletion wanted, or else where it was to go. */
async function settleAbsent(
  place: Place,
  change: Exclude<AccountChange, { kind: "create" }>,
  request: Message,
  result: LdapResult,
): Promise<Outcome> {
  const now = await locate(place, change.anchor);
  const action = actionOf(change);
  if (now !== undefined && normaliseName(now.dn) !== normaliseName(change.name))
    throw new StoreError("Moved", `cannot ${action}: it is called ${now.dn} now`);
  if (now !== undefined && request instanceof ModifyDNRequest) throw additionError(action, result);
  if (now === undefined && change.kind === "delete")
    return { id: change.id, ok: true, anchor: change.anchor, name: change.name };
  throw resultError(action, result);
}

/** Somebody else has added or removed some of the values already: what is left to do, by the entry as it is. */
async function remaining(
  place: Place,
  writing: Writing,
  change: AccountChange & { kind: "modify" },
): Promise<Writing> {
  const { directory, server, connection, call } = place;
  const shown = change.attributes.map((delta) => attributeOf(server, delta.name));
  const telling = (directory.shape.state?.attributes ?? []).map((name) => attributeOf(server, name));
  const wanted = [...observed(server.dialect), ...[...shown, ...telling].map((one) => one.transfer)];
  const entry =
    (await readOne(connection, change.name, wanted, call)) ??
    (await readOne(connection, writing.name, wanted, call));
  if (entry === undefined) return writing;
  const now = decodeAttributes(shown, entry);
  const attributes = change.attributes.map((delta) => {
    const attribute = attributeOf(server, delta.name);
    return rebase(delta, now[attribute.name] ?? [], attribute.multiValued);
  });
  // Its password was set by now: again, it could be refused as one that was used before.
  const { expect, password: _, ...rest } = change;
  // A rename that was made already has changed the version.
  const renamed = normaliseName(entry.dn) !== normaliseName(change.name);
  const again = expect === undefined || renamed ? rest : { ...rest, expect };
  if (!renamed) checkLooked(server, again, entry);
  return writingOf({ ...again, name: entry.dn, attributes }, directory, server, entry);
}

/** The same intent from other values: what was to go goes, what was to come comes, and the rest stays. */
function rebase(delta: AttributeDelta, now: readonly string[], multiValued: boolean): AttributeDelta {
  if (!multiValued) return { ...delta, before: now };
  const going = delta.before.filter((value) => !delta.after.includes(value));
  const coming = delta.after.filter((value) => !delta.before.includes(value));
  return { ...delta, before: now, after: [...now.filter((value) => !going.includes(value)), ...coming] };
}
