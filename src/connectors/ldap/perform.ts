import { type Control, DeleteRequest, type Message, ModifyRequest } from "ldapts";
import { normaliseName } from "../../core/model/distinguished-name.ts";
import type { AttributeDelta } from "../../core/model/values.ts";
import type { Call, Outcome } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeOf, decodeAttributes } from "./attributes.ts";
import type { Connection } from "./connection.ts";
import { assertion, oids, passwordPolicy, postRead, readPostRead } from "./controls.ts";
import { anchorTerms, observed, sameEntry, sighting } from "./dialect.ts";
import { anchorPlaces, type Directory } from "./directory.ts";
import { additionError, codes, resultError } from "./errors.ts";
import { or } from "./filter.ts";
import { checkLooked } from "./look.ts";
import { PasswordRequest } from "./password.ts";
import { passwordError } from "./password-error.ts";
import { readOne, searchPages } from "./search.ts";
import type { Server } from "./server.ts";
import type { LdapEntry, LdapResult } from "./wire.ts";
import { type AccountChange, type Writing, writingOf } from "./write.ts";

/** Where changes are made: a logged-in connection, and what is known of the server behind it. */
export interface Place {
  readonly directory: Directory;
  readonly server: Server;
  readonly connection: Connection;
  readonly call: Call;
}

/** Made, and the entry still has to be read to tell the outcome. */
export interface Unread {
  readonly unread: Writing;
}

/** Makes one change by itself. Errors are outcomes; nothing is thrown. */
export async function perform(place: Place, writing: Writing): Promise<Outcome | Unread> {
  try {
    return await attempt(place, writing, true);
  } catch (error) {
    return refusal(writing.change.id, error);
  }
}

export function refusal(id: number, error: unknown): Outcome {
  if (error instanceof StoreError) return { id, ok: false, error };
  throw error;
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
      return await settleAbsent(place, change, result);
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

export function withoutVersion(outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { version: _, ...rest } = outcome;
  return rest;
}

/** The same change of the same entry, whatever its version is. */
function anyVersion(change: AccountChange): AccountChange {
  if (change.kind !== "modify") return change;
  const { expect: _, ...rest } = change;
  return rest;
}

async function ask(
  place: Place,
  change: AccountChange,
  request: Message,
  first: boolean,
): Promise<LdapResult> {
  const { offers, dialect } = place.server;
  const send = (action: string, controls: Control[], message = request) => {
    message.controls = controls;
    return place.connection.send(message, place.call, { action, writes: true });
  };
  if (request instanceof PasswordRequest) {
    const explaining = offers.has(oids.passwordPolicy) ? [passwordPolicy()] : [];
    const result = await send(settingOf(change), explaining);
    if (result.code !== codes.constraintViolation || request.otherwise === undefined) return result;
    return await send(settingOf(change), explaining, request.otherwise);
  }
  const reading = change.kind !== "delete" && offers.has(oids.postRead) ? [postRead(observed(dialect))] : [];
  const asserting = first ? preconditions(place.server, change, request) : [];
  const result = await send(actionOf(change), [...asserting, ...reading]);
  if (result.code !== codes.assertionFailed || change.kind === "create") return result;
  // OpenLDAP's unique overlay puts the assertion to other entries too, of which it is not true. If it is true of this one, it is left out.
  const now = await readOne(place.connection, change.name, observed(dialect), place.call);
  if (now === undefined) return result;
  checkLooked(place.server, change, now);
  return await send(actionOf(change), reading);
}

function refusedBy(request: Message, change: AccountChange, result: LdapResult): StoreError {
  if (request instanceof PasswordRequest) return passwordError(settingOf(change), result);
  return change.kind === "create"
    ? additionError(actionOf(change), result)
    : resultError(actionOf(change), result);
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

/**
 * The entry must still be the one that was read, and unchanged where that is expected. Only of values: OpenLDAP's memberof overlay puts the assertion of
 * a rename or deletion to the groups too, of which it is not true, and leaves the old name in them (seen with 2.5.13).
 */
export function preconditions(
  { offers, dialect }: Server,
  change: AccountChange,
  request: Message,
): Control[] {
  if (change.kind !== "modify" || !(request instanceof ModifyRequest)) return [];
  return offers.has(oids.assertion) ? [assertion(sameEntry(dialect, change.anchor, change.expect))] : [];
}

/** The outcome of a change that was made, told by the entry as it was right after, where that is known. */
export function success(server: Server, { change, name }: Writing, now: LdapEntry | undefined): Outcome {
  if (now !== undefined) {
    const { anchor, version } = sighting(server.dialect, now);
    const isFirm = server.dialect.version.isFirm?.(version) ?? true;
    return { id: change.id, ok: true, anchor, name: now.dn, ...(isFirm && { version }) };
  }
  if (change.kind !== "create") return { id: change.id, ok: true, anchor: change.anchor, name };
  const error = new StoreError(
    "InDoubt",
    `created ${name}, and cannot read its ${server.dialect.anchor.attribute}; give the bind DN the right to`,
  );
  return { id: change.id, ok: false, error };
}

/** There is nothing of that name: it was moved away, or is gone, which is what a deletion wanted. */
async function settleAbsent(
  place: Place,
  change: Exclude<AccountChange, { kind: "create" }>,
  result: LdapResult,
): Promise<Outcome> {
  const now = await locate(place, change.anchor);
  if (now !== undefined)
    throw new StoreError("Moved", `cannot ${actionOf(change)}: it is called ${now.dn} now`);
  if (change.kind === "delete") return { id: change.id, ok: true, anchor: change.anchor, name: change.name };
  throw resultError(actionOf(change), result);
}

/** The entry of an anchor, wherever it lies. */
export async function locate(place: Place, anchor: string): Promise<LdapEntry | undefined> {
  const { directory, server, connection, call } = place;
  const terms = anchorTerms(server.dialect, [anchor]);
  if (terms.length === 0) return undefined;
  for (const base of anchorPlaces(directory, server)) {
    const attributes = observed(server.dialect);
    const query = { base, scope: "sub", filter: or(terms), attributes } as const;
    for await (const [entry] of searchPages(connection, query, directory.pageSize, call))
      if (entry) return entry;
  }
  return undefined;
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

function settingOf({ name }: AccountChange): string {
  return `set the password of ${name}`;
}

export function actionOf(change: AccountChange): string {
  const verb = { create: "add", modify: "change", delete: "delete" }[change.kind];
  return `${verb} ${change.name}`;
}
