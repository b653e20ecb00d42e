import type { Attributes } from "./values.ts";

/** An account as it was read from a store. */
export interface AccountRecord {
  /** Its immutable id in the store: entryUUID, objectGUID, a primary key. */
  readonly anchor: string;
  /** What the store calls it now: a DN, a login name, a key. May change. */
  readonly name: string;
  /** Changes whenever the record does; compared for equality only. */
  readonly version: string;
  /** Whether it can be used to log in; undefined where the store has no such notion. */
  readonly enabled: boolean | undefined;
  /** Only the attributes that were asked for. */
  readonly attributes: Attributes;
  /** Why nobody may change it, in the store's own terms; absent where it may be changed: `adminCount is 1: it has administrative rights`. */
  readonly protected?: string;
  /** What keeps it from logging in, or will, though it is enabled; absent: nothing that the store tells. */
  readonly trouble?: readonly LoginTrouble[];
}

/** What a store's password policy says of an account: too many wrong passwords, a password past its age, one to be changed first, an account past its end. */
export const loginTroubles = ["Locked", "PasswordExpired", "MustChangePassword", "Expired"] as const;
export type LoginTrouble = (typeof loginTroubles)[number];

/** How an entitlement is pointed at in a manifest. */
export interface EntitlementRef {
  readonly name: string;
  readonly by: "Name" | "DN" | "Id";
}

/** A group, role or permission as it was read from a store. */
export interface EntitlementRecord {
  readonly anchor: string;
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  /** As of an account: neither it nor its members may be changed. */
  readonly protected?: string;
}

const keyParts = /^(Name|DN|Id):(.*)$/s;

/** One text for a reference, to key maps with. */
export function entitlementKey({ name, by }: EntitlementRef): string {
  return by === "Name" && !keyParts.test(name) ? name : `${by}:${name}`;
}

/** The reference behind its key. */
export function entitlementRef(key: string): EntitlementRef {
  const [, by, name] = keyParts.exec(key) ?? [];
  return name === undefined ? { name: key, by: "Name" } : { name, by: by as EntitlementRef["by"] };
}
