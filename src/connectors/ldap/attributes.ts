import { Attribute, Change } from "ldapts";
import { impliedSet, normalise } from "../../core/model/matching.ts";
import type { AttributeDelta, Attributes, Values } from "../../core/model/values.ts";
import type { Server } from "./server.ts";
import type { LdapAttribute } from "./subschema.ts";
import { decodeValue, encodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** The attribute of this name; one that the server does not know is taken for text, and refused by the server itself. */
export function attributeOf(server: Server, name: string): LdapAttribute {
  return (
    server.subschema.attributes.get(name.toLowerCase()) ?? {
      name,
      transfer: name,
      matching: "caseExact",
      multiValued: true,
      readOnly: false,
      required: false,
      secret: false,
      form: "text",
      hasEquality: true,
    }
  );
}

export function decodeAttributes(shown: readonly LdapAttribute[], entry: LdapEntry): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const attribute of shown) {
    const values = entry.attributes.get(attribute.transfer.toLowerCase());
    const { codec } = attribute;
    const decode = (value: Buffer) =>
      codec === undefined ? decodeValue(attribute, value) : codec.decode(value);
    const told = values?.map(decode).filter((value) => value !== undefined) ?? [];
    if (told.length > 0) attributes[attribute.name] = told;
  }
  return attributes;
}

export function encodeAttributes(attributes: Attributes, server: Server): Attribute[] {
  return Object.entries(attributes).flatMap(([name, values]) => {
    const attribute = attributeOf(server, name);
    return values.length === 0 ? [] : [encode(attribute, values)];
  });
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
  const [before, after] = [impliedSet(attribute, delta.before), impliedSet(attribute, delta.after)];
  const gone = delta.before.filter((value) => !after.has(normalise(matching, value)));
  const come = delta.after.filter((value) => !before.has(normalise(matching, value)));
  if (gone.length === 0 && come.length === 0) return [];
  if (!attribute.multiValued || !attribute.hasEquality) return [change("replace", attribute, delta.after)];
  return [
    ...(gone.length === 0 ? [] : [change("delete", attribute, gone)]),
    ...(come.length === 0 ? [] : [change("add", attribute, come)]),
  ];
}

export function change(
  operation: "add" | "delete" | "replace",
  attribute: LdapAttribute,
  values: Values,
): Change {
  return new Change({ operation, modification: encode(attribute, values) });
}

function encode(attribute: LdapAttribute, values: Values): Attribute {
  const { codec, transfer } = attribute;
  const encoded = values.map((value) => encodeValue(attribute, value));
  if (encoded.length === 0 && codec !== undefined) encoded.push(codec.none);
  return new Attribute({ type: transfer, values: encoded as string[] | Buffer[] });
}
