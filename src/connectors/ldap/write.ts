import { AddRequest, Attribute, Change, DeleteRequest, type Message, ModifyRequest } from "ldapts";
import { formatName, normaliseName, type RelativeName } from "../../core/model/distinguished-name.ts";
import { normalise, normalisedSet } from "../../core/model/matching.ts";
import type { AttributeDelta, Attributes, Values } from "../../core/model/values.ts";
import type { StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { attributeOf, type Directory } from "./directory.ts";
import { readName } from "./name.ts";
import { lockAttribute, lockedForGood } from "./records.ts";
import { afterRename, destination, renameRequest, respelled } from "./rename.ts";
import type { Server } from "./server.ts";
import type { LdapAttribute } from "./subschema.ts";
import { encodeValue } from "./values.ts";

export type AccountChange = Exclude<StoreChange, { readonly kind: "members" }>;

/** A change as requests, to be made in this order. None: there is nothing to do. */
export interface Writing {
  readonly change: AccountChange;
  readonly requests: readonly Message[];
  /** What the entry is called afterwards. */
  readonly name: string;
}

/** Throws `Invalid` for a name or value that no server can keep. */
export function writingOf(change: AccountChange, directory: Directory, server: Server): Writing {
  switch (change.kind) {
    case "create":
      return createWriting(change, directory, server);
    case "delete":
      return { change, name: change.name, requests: [new DeleteRequest({ messageId: 0, dn: change.name })] };
    case "modify":
      return modifyWriting(change, directory, server);
  }
}

function createWriting(
  change: AccountChange & { kind: "create" },
  directory: Directory,
  server: Server,
): Writing {
  const { disable } = directory.block;
  const off = change.enabled ? undefined : disable;
  const own = readName(change.name);
  const name = off?.move === undefined ? own : [own[0]!, ...readName(off.move.to)];
  const attributes: Record<string, Values> = { ...change.attributes };
  if (off?.attribute !== undefined) attributes[off.attribute.name] = [off.attribute.disabled];
  if (change.enabled && disable?.attribute?.enabled !== undefined)
    attributes[disable.attribute.name] ??= [disable.attribute.enabled];
  const list = encodeAttributes(withNaming(attributes, name[0]!, server), server);
  if (off?.lock !== undefined) list.push(new Attribute({ type: lockAttribute, values: [lockedForGood] }));
  const dn = off?.move === undefined ? change.name : formatName(name);
  return { change, name: dn, requests: [new AddRequest({ messageId: 0, dn, attributes: list })] };
}

export function encodeAttributes(attributes: Attributes, server: Server): Attribute[] {
  return Object.entries(attributes).flatMap(([name, values]) => {
    const attribute = attributeOf(server, name);
    return values.length === 0 ? [] : [encode(attribute, values)];
  });
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
): Writing {
  const from = readName(change.name);
  const to = destination(change, from, directory);
  const renames =
    to !== undefined && normaliseName(formatName(to)) !== normaliseName(change.name)
      ? to
      : respelled(change, from);
  const name = renames === undefined ? change.name : formatName(renames);
  const requests: Message[] = [];
  if (renames !== undefined) requests.push(renameRequest(change, from, renames, server));
  const deltas =
    renames === undefined
      ? change.attributes
      : change.attributes.map((delta) => afterRename(delta, from[0]!, renames[0]!, server));
  const changes = [
    ...deltas.flatMap((delta) => valueChanges(delta, server)),
    ...stateChanges(change.enabled, directory, server),
  ];
  if (changes.length > 0) requests.push(new ModifyRequest({ messageId: 0, dn: name, changes }));
  return { change, name, requests };
}

/**
 * Values that go and values that come, so that what others added meanwhile stays. An attribute of one value, or whose values the
 * server cannot compare, is replaced.
 */
export function valueChanges(
  delta: Pick<AttributeDelta, "name" | "before" | "after">,
  server: Server,
): Change[] {
  const attribute = attributeOf(server, delta.name);
  const { matching } = attribute;
  const [before, after] = [normalisedSet(matching, delta.before), normalisedSet(matching, delta.after)];
  const gone = delta.before.filter((value) => !after.has(normalise(matching, value)));
  const come = delta.after.filter((value) => !before.has(normalise(matching, value)));
  if (gone.length === 0 && come.length === 0) return [];
  if (!attribute.multiValued || !attribute.hasEquality) return [change("replace", attribute, delta.after)];
  return [
    ...(gone.length === 0 ? [] : [change("delete", attribute, gone)]),
    ...(come.length === 0 ? [] : [change("add", attribute, come)]),
  ];
}

function stateChanges(enabled: boolean | undefined, directory: Directory, server: Server): Change[] {
  const { disable } = directory.block;
  if (enabled === undefined || disable?.move !== undefined) return [];
  if (disable?.attribute !== undefined) {
    const { name, disabled, enabled: on } = disable.attribute;
    return [
      change("replace", attributeOf(server, name), enabled ? (on === undefined ? [] : [on]) : [disabled]),
    ];
  }
  if (disable?.lock === undefined)
    throw new StoreError("Invalid", "cannot enable or disable: the target does not say how; set disable");
  return [
    new Change({
      operation: "replace",
      modification: new Attribute({ type: lockAttribute, values: enabled ? [] : [lockedForGood] }),
    }),
  ];
}

function change(operation: "add" | "delete" | "replace", attribute: LdapAttribute, values: Values): Change {
  return new Change({ operation, modification: encode(attribute, values) });
}

function encode(attribute: LdapAttribute, values: Values): Attribute {
  return new Attribute({
    type: attribute.transfer,
    values: values.map((value) => encodeValue(attribute, value)) as string[] | Buffer[],
  });
}
