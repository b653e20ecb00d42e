import type { Filter } from "ldapts";
import type { LoginTrouble } from "../../core/model/account.ts";
import type { Call, Sighting } from "../contract.ts";
import type { Connection } from "./connection.ts";
import { denied } from "./entry.ts";
import { and, equals } from "./filter.ts";
import type { PasswordForm } from "./password.ts";
import type { Restoring } from "./restoring.ts";
import type { LdapEntry } from "./wire.ts";

/** What families of directories do each in their own way. All else in this folder follows the standards. */
export interface Dialect {
  readonly anchor: AnchorForm;
  readonly version: VersionForm;
  /** A text that moves with every write to these suffixes; undefined where the server turns out not to tell. Absent: none can. */
  readonly marker?: (place: MarkerPlace, call: Call) => Promise<string | undefined>;
  /** Learns what versions are told by, before entries are read. */
  readonly refresh?: (connection: Connection, call: Call) => Promise<void>;
  /** The attribute by which many entries can be looked for by their names at once (RFC 5020). Absent: they are read one by one. */
  readonly nameAttribute?: string;
  /** The attribute that tells who wrote last (RFC 4512 §3.4.2). Absent: nothing does. */
  readonly writerAttribute?: string;
  /** Absent: no passwords can be set. */
  readonly password?: PasswordForm;
  /** What entries tell of themselves beside their values. Absent: nothing. */
  readonly signs?: Signs;
  /** Absent: what was deleted is gone. */
  readonly restoring?: Restoring;
  /** How a request names an entry that is there: by its name, or in a way that hits no other entry which took the name. */
  addressOf(entry: { readonly anchor: string; readonly name: string }): string;
}

export interface MarkerPlace {
  readonly connection: Connection;
  readonly suffixes: readonly string[];
  /** OIDs of the controls and extended operations that the server offers. */
  readonly offers: ReadonlySet<string>;
}

/** What identifies an entry for ever. */
export interface AnchorForm {
  readonly attribute: string;
  decode(value: Buffer): string;
  /** Undefined for a text that is no anchor. */
  encode(anchor: string): string | Buffer | undefined;
}

/** What changes whenever an entry does. */
export interface VersionForm {
  readonly attributes: readonly string[];
  /** Undefined where the entry does not show it. */
  read(entry: LdapEntry): string | undefined;
  /** Whether it is sure that the entry will have this version for as long as it is not changed. Absent: it always is. */
  isFirm?(version: string): boolean;
  /** Whether an entry of the one version is unchanged at the other. */
  same(one: string, other: string): boolean;
  /** For servers that check assertions (RFC 4528). */
  filter(version: string): Filter;
}

export interface Signs {
  /** The attributes that tell. */
  readonly attributes: readonly string[];
  /** Why nobody may change the entry: see `AccountRecord.protected`. */
  protection?(entry: LdapEntry): string | undefined;
  /** What keeps it from logging in. `telling` are the attributes that the target disables accounts by: what those say is no trouble. */
  troubles?(entry: LdapEntry, telling: readonly string[]): readonly LoginTrouble[];
}

/** What to ask of every entry. */
export function observed(dialect: Dialect): string[] {
  return [dialect.anchor.attribute, ...dialect.version.attributes];
}

/** Whether an entry shows its anchor and a version. */
export function shows(dialect: Dialect, entry: LdapEntry): boolean {
  const value = entry.attributes.get(dialect.anchor.attribute.toLowerCase())?.[0];
  return value !== undefined && dialect.version.read(entry) !== undefined;
}

/** Anchor, version and name. An entry whose anchor is hidden by access rules is an error: it must not look absent. */
export function sighting(dialect: Dialect, entry: LdapEntry): Sighting {
  const value = entry.attributes.get(dialect.anchor.attribute.toLowerCase())?.[0];
  const version = dialect.version.read(entry);
  if (value === undefined || version === undefined)
    throw denied(`read ${entry.dn}`, observed(dialect).join(" and "));
  return { anchor: dialect.anchor.decode(value), version, name: entry.dn };
}

/** The entries of these anchors; undefined where none of them is one. */
export function anchorTerms(dialect: Dialect, anchors: readonly string[]): Filter[] {
  return anchors.flatMap((anchor) => {
    const value = dialect.anchor.encode(anchor);
    return value === undefined ? [] : [equals(dialect.anchor.attribute, value)];
  });
}

/** The entry of this anchor, at this version where one is given. */
export function sameEntry(dialect: Dialect, anchor: string, version?: string): Filter {
  return and(
    ...anchorTerms(dialect, [anchor]),
    ...(version === undefined ? [] : [dialect.version.filter(version)]),
  );
}
