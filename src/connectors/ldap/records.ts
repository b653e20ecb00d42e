import type { AccountRecord } from "../../core/model/account.ts";
import { isAtOrBelow } from "../../core/model/distinguished-name.ts";
import { normalise } from "../../core/model/matching.ts";
import type { Attributes } from "../../core/model/values.ts";
import type { Sighting } from "../contract.ts";
import { anchorAttribute, attributeOf, type Directory, versionAttribute } from "./directory.ts";
import type { LdapTarget } from "./schema.ts";
import { denied, type Server, texts } from "./server.ts";
import type { LdapAttribute } from "./subschema.ts";
import { decodeValue } from "./values.ts";
import type { LdapEntry } from "./wire.ts";

/** The value that locks a password for good (draft-behera-ldap-password-policy §5.3.3). */
export const lockedForGood = "000001010000Z";
export const lockAttribute = "pwdAccountLockedTime";

/** Turns entries into records of the attributes asked for. */
export interface Reader {
  /** What to ask the server for; never `*`, never a secret. */
  readonly wanted: readonly string[];
  record(entry: LdapEntry): AccountRecord;
}

export function makeReader(directory: Directory, server: Server, more: readonly string[] = []): Reader {
  const { disable } = directory.block;
  const names = new Set([...directory.attributes, ...more]);
  const shown = [...names].map((name) => attributeOf(server, name)).filter((attribute) => !attribute.secret);
  const state = disable?.attribute?.name ?? (disable?.lock === undefined ? undefined : lockAttribute);
  const wanted = new Set([anchorAttribute, versionAttribute, ...shown.map((one) => one.transfer)]);
  if (state !== undefined) wanted.add(attributeOf(server, state).transfer);
  return {
    wanted: [...wanted],
    record: (entry) => ({
      ...sighting(entry),
      enabled: isEnabled(disable, server, entry),
      attributes: decodeAttributes(shown, entry),
    }),
  };
}

export function decodeAttributes(shown: readonly LdapAttribute[], entry: LdapEntry): Attributes {
  const attributes: Record<string, readonly string[]> = {};
  for (const attribute of shown) {
    const values = entry.attributes.get(attribute.transfer.toLowerCase());
    if (values !== undefined && values.length > 0)
      attributes[attribute.name] = values.map((value) => decodeValue(attribute, value));
  }
  return attributes;
}

/** Anchor, version and name. An entry whose anchor is hidden by access rules is an error: it must not look absent. */
export function sighting(entry: LdapEntry): Sighting {
  const anchor = entry.attributes.get(anchorAttribute.toLowerCase())?.[0]?.toString("latin1");
  const version = entry.attributes.get(versionAttribute.toLowerCase())?.[0]?.toString("latin1");
  if (anchor === undefined || version === undefined)
    throw denied(`read ${entry.dn}`, `${anchorAttribute} and ${versionAttribute}`);
  return { anchor, version, name: entry.dn };
}

function isEnabled(disable: LdapTarget["disable"], server: Server, entry: LdapEntry): boolean | undefined {
  if (disable?.attribute !== undefined) {
    const { name, disabled } = disable.attribute;
    const attribute = attributeOf(server, name);
    const form = (value: string) => normalise(attribute.matching, value);
    const values = (entry.attributes.get(attribute.transfer.toLowerCase()) ?? []).map((value) =>
      decodeValue(attribute, value),
    );
    return !values.some((value) => form(value) === form(disabled));
  }
  if (disable?.move !== undefined) return !isAtOrBelow(entry.dn, disable.move.to);
  if (disable?.lock !== undefined) return !texts(entry, lockAttribute).includes(lockedForGood);
  return undefined;
}
