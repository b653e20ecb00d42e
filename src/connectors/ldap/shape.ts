import type { Filter } from "ldapts";
import { escapeNameValue, isName, normaliseName, parseName } from "../../core/model/distinguished-name.ts";
import type { Values } from "../../core/model/values.ts";
import { type AccountState, accountState } from "./account-state.ts";
import { parseFilter } from "./filter.ts";
import type { LdapTarget } from "./schema.ts";

/** What a target's block says of its accounts and groups, whatever the block looks like. */
export interface Shape {
  /** Accounts lie below these; empty: below every suffix. */
  readonly bases: readonly string[];
  readonly scope: "one" | "sub";
  /** Which entries are accounts. */
  readonly filter: Filter;
  readonly state: AccountState | undefined;
  /** Where disabled accounts lie, if they are moved. */
  readonly disabledBase: string | undefined;
  readonly groups: GroupShape | undefined;
  /** Whether a deleted account is brought back where the directory can. */
  readonly restores?: boolean;
}

export interface GroupShape {
  readonly base: string;
  readonly objectClass: string;
  /** By what groups are looked for by their names. */
  readonly nameAttribute: string;
  /** The attribute in the first step of a new group's DN. */
  readonly namingAttribute: string;
  readonly memberAttribute: string;
  /** Members are accounts' names, or the uids in them. */
  readonly membersAre: "Names" | "Uids";
  /** The attributes of accounts, and of groups, by which an account names the one group that does not list it. Absent: groups list all. */
  readonly primary?: { readonly account: string; readonly group: string };
  /** A member that stands in where a group would be empty. */
  readonly filler: string | undefined;
  /** What a new group holds beside what is declared, given its plain name. */
  initial(name: string): Readonly<Record<string, Values>>;
}

/** The attribute that holds the members of each class (RFC 4519 §2.17, §2.40; RFC 2307 §4). */
const memberAttributes = {
  groupOfNames: "member",
  groupOfUniqueNames: "uniqueMember",
  posixGroup: "memberUid",
} as const;

export function shapeOf({ bases, scope, filter, disable, groups }: LdapTarget): Shape {
  return {
    bases,
    scope: scope === "OneLevel" && bases.length > 0 ? "one" : "sub",
    filter: parseFilter(filter),
    state: accountState(disable),
    disabledBase: disable?.move?.to,
    groups: groups && groupShape(groups),
  };
}

export function groupShape(groups: NonNullable<LdapTarget["groups"]>): GroupShape {
  const { base, objectClass, nameAttribute, filler } = groups;
  const isPosix = objectClass === "posixGroup";
  return {
    base,
    objectClass,
    nameAttribute,
    namingAttribute: nameAttribute,
    filler,
    memberAttribute: memberAttributes[objectClass],
    membersAre: isPosix ? "Uids" : "Names",
    initial: () => ({ objectClass: [objectClass] }),
  };
}

/** How a group calls an account: by its name, normalised; a posixGroup by its uid, which then has to be in the name. */
export function memberKey(groups: GroupShape | undefined, name: string): string {
  return groups?.membersAre === "Uids" ? (uidOf(name) ?? normaliseName(name)) : normaliseName(name);
}

/** A member value in the form of `memberKey`. */
export function memberForm(groups: GroupShape): (value: string) => string {
  return groups.membersAre === "Uids" ? (value) => value : normaliseName;
}

/** The uid in the first step of a name. */
export function uidOf(name: string): string | undefined {
  try {
    return parseName(name)[0]?.find((pair) =>
      /^(uid|userid|0\.9\.2342\.19200300\.100\.1\.1)$/i.test(pair.type),
    )?.value;
  } catch {
    return undefined;
  }
}

/** A group that is to be created may be known by its plain name: it comes to lie right below the base. */
export function nameOfNew({ namingAttribute, base }: GroupShape, name: string): string {
  return isName(name) ? name : `${namingAttribute}=${escapeNameValue(name)},${base}`;
}
