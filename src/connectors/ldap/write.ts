import { AddRequest, type Attribute, type Change, DeleteRequest, type Message, ModifyRequest } from "ldapts";
import { formatName, normaliseName, type RelativeName } from "../../core/model/distinguished-name.ts";
import { normalise, normalisedSet } from "../../core/model/matching.ts";
import type { Attributes, Values } from "../../core/model/values.ts";
import type { NewPassword, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { AccountState } from "./account-state.ts";
import { attributeOf, encodeAttributes, valueChanges } from "./attributes.ts";
import type { Directory } from "./directory.ts";
import { readName } from "./name.ts";
import { afterRename, destination, renameRequest, respelled } from "./rename.ts";
import type { Server } from "./server.ts";
import type { LdapEntry } from "./wire.ts";

export type AccountChange = Exclude<StoreChange, { readonly kind: "members" }>;
export type MembersChange = Extract<StoreChange, { readonly kind: "members" }>;

/** A change as requests, to be made in this order. None: there is nothing to do. */
export interface Writing {
  readonly change: AccountChange;
  readonly requests: readonly Message[];
  /** What the entry is called afterwards. */
  readonly name: string;
}

/** `now` is the entry as it is, where it was looked at. Throws `Invalid` for a name or value that no server can keep. */
export function writingOf(
  change: AccountChange,
  directory: Directory,
  server: Server,
  now?: LdapEntry,
): Writing {
  switch (change.kind) {
    case "create":
      return createWriting(change, directory, server);
    case "delete":
      return { change, name: change.name, requests: [deleteRequest(change, server)] };
    case "modify":
      return modifyWriting(change, directory, server, now);
  }
}

function createWriting(
  change: AccountChange & { kind: "create" },
  directory: Directory,
  server: Server,
): Writing {
  const { state, disabledBase } = directory.shape;
  const own = readName(change.name);
  const isAway = !change.enabled && disabledBase !== undefined;
  const name = isAway ? [own[0]!, ...readName(disabledBase)] : own;
  const { mapped, raw } = state?.initial(change.enabled, change.attributes) ?? {
    mapped: change.attributes,
    raw: [],
  };
  const attributes = [...encodeAttributes(withNaming(mapped, name[0]!, server), server), ...raw];
  const dn = isAway ? formatName(name) : change.name;
  const add = (more: readonly Attribute[] = []) =>
    new AddRequest({ messageId: 0, dn, attributes: [...attributes, ...more] });
  const form = server.dialect.password;
  if (change.password !== undefined && form?.initial !== undefined)
    return { change, name: dn, requests: [add(form.initial(change.password))] };
  // Without a password nobody can log in yet, so that it may follow.
  const requests = [add(), ...passwordRequests(change.password, dn, server)];
  if (!change.enabled && isEnabledBy(change.password, state))
    requests.push(new ModifyRequest({ messageId: 0, dn, changes: state.changes(false, server, undefined) }));
  return { change, name: dn, requests };
}

function deleteRequest(change: AccountChange & { kind: "delete" }, server: Server): Message {
  return new DeleteRequest({ messageId: 0, dn: server.dialect.addressOf(change) });
}

/** An entry must hold the values that it is named by (RFC 4512 §2.3.1). */
export function withNaming(attributes: Attributes, step: RelativeName, server: Server): Attributes {
  const full: Record<string, Values> = { ...attributes };
  for (const { type, value, encoded } of step) {
    if (encoded) continue;
    const attribute = attributeOf(server, type);
    const name =
      Object.keys(full).find((key) => attributeOf(server, key).name === attribute.name) ?? attribute.name;
    const values = full[name] ?? [];
    if (!normalisedSet(attribute.matching, values).has(normalise(attribute.matching, value)))
      full[name] = [...values, value];
  }
  return full;
}

function modifyWriting(
  change: AccountChange & { kind: "modify" },
  directory: Directory,
  server: Server,
  now: LdapEntry | undefined,
): Writing {
  const from = readName(change.name);
  const to = destination(change, from, directory);
  const renames =
    to !== undefined && normaliseName(formatName(to)) !== normaliseName(change.name)
      ? to
      : respelled(change, from);
  const name = renames === undefined ? change.name : formatName(renames);
  const requests = passwordRequests(change.password, server.dialect.addressOf(change), server);
  if (renames !== undefined) requests.push(renameRequest(change, from, renames, server));
  const deltas =
    renames === undefined
      ? change.attributes
      : change.attributes.map((delta) => afterRename(delta, from[0]!, renames[0]!, server));
  const changes = [
    ...deltas.flatMap((delta) => valueChanges(delta, server)),
    ...stateChanges(wantedState(change, directory, server, now), directory, server, now),
  ];
  const dn = server.dialect.addressOf({ anchor: change.anchor, name });
  if (changes.length > 0) requests.push(new ModifyRequest({ messageId: 0, dn, changes }));
  return { change, name, requests };
}

/** A new password must not enable an account that is disabled. */
function wantedState(
  { enabled, password }: AccountChange & { kind: "modify" },
  { shape: { state } }: Directory,
  server: Server,
  now: LdapEntry | undefined,
): boolean | undefined {
  if (enabled !== undefined || now === undefined || !isEnabledBy(password, state)) return enabled;
  return state.isEnabled(now, server) ? undefined : false;
}

function isEnabledBy(
  password: NewPassword | undefined,
  state: AccountState | undefined,
): state is AccountState {
  return password !== undefined && state?.endsWithPassword === true;
}

function stateChanges(
  enabled: boolean | undefined,
  { shape }: Directory,
  server: Server,
  now: LdapEntry | undefined,
): Change[] {
  if (enabled === undefined) return [];
  if (shape.state !== undefined) return shape.state.changes(enabled, server, now);
  if (shape.disabledBase !== undefined) return [];
  throw new StoreError("Invalid", "cannot enable or disable: the target does not say how; set disable");
}

function passwordRequests(password: NewPassword | undefined, address: string, server: Server): Message[] {
  if (password === undefined) return [];
  const form = server.dialect.password;
  if (form !== undefined) return [...form.requests(address, password, server.subschema)];
  const lacks = "the server does not offer to (RFC 3062); load what does, or let the target set no passwords";
  throw new StoreError("Invalid", `cannot set the password of ${address}: ${lacks}`);
}
