import { type Control, type Message, ModifyRequest } from "ldapts";
import type { StoreError } from "../errors.ts";
import { assertion, oids, passwordPolicy, postRead } from "./controls.ts";
import { observed, sameEntry } from "./dialect.ts";
import { additionError, codes, resultError } from "./errors.ts";
import { checkLooked } from "./look.ts";
import { PasswordRequest } from "./password.ts";
import { passwordError } from "./password-error.ts";
import type { Place } from "./place.ts";
import { readOne } from "./search.ts";
import type { Server } from "./server.ts";
import type { LdapResult } from "./wire.ts";
import type { AccountChange } from "./write.ts";

/** Makes one request of a change. `first`: it is the first that may check that the entry is the one that was read. */
export async function ask(
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

/** The error for a request that was no success. */
export function refusedBy(request: Message, change: AccountChange, result: LdapResult): StoreError {
  if (request instanceof PasswordRequest) return passwordError(settingOf(change), result);
  return change.kind === "create"
    ? additionError(actionOf(change), result)
    : resultError(actionOf(change), result);
}

function settingOf({ name }: AccountChange): string {
  return `set the password of ${name}`;
}

export function actionOf(change: AccountChange): string {
  const verb = { create: "add", modify: "change", delete: "delete" }[change.kind];
  return `${verb} ${change.name}`;
}
