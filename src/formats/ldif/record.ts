/** LDIF, the LDAP Data Interchange Format (RFC 2849), as data. */

/** A value: a text, or the bytes of what is no UTF-8. */
export type LdifValue = string | Uint8Array;

/** The values of one attribute, in their order. */
export interface LdifAttribute {
  /** With its options, as written: `mail`, `userCertificate;binary`, `description;lang-de`. */
  readonly description: string;
  readonly values: readonly LdifValue[];
}

/** An entry as it is. */
export interface ContentRecord {
  readonly kind: "content";
  readonly dn: string;
  readonly attributes: readonly LdifAttribute[];
}

/** What was done, or is to be done, to an entry. */
export type ChangeRecord = {
  readonly dn: string;
  /** LDAP controls that belong to the change. */
  readonly controls?: readonly LdifControl[];
} & (
  | { readonly kind: "add"; readonly attributes: readonly LdifAttribute[] }
  | { readonly kind: "delete" }
  | { readonly kind: "modify"; readonly modifications: readonly Modification[] }
  | {
      /** `changetype: modrdn` and `moddn` alike. */
      readonly kind: "rename";
      readonly newRdn: string;
      /** Whether the values of the old name go. */
      readonly deleteOldRdn: boolean;
      /** The entry's new parent, where it moves. */
      readonly newSuperior?: string;
    }
);

export type LdifRecord = ContentRecord | ChangeRecord;

export interface LdifControl {
  readonly oid: string;
  readonly critical: boolean;
  readonly value?: LdifValue;
}

/** `increment` is of RFC 4525. Without values, `delete` and `replace` take the attribute away. */
export interface Modification extends LdifAttribute {
  readonly operation: "add" | "delete" | "replace" | "increment";
}

/** A record, and where it stands: cut out, these bytes are a file of that record alone. */
export interface PlacedRecord {
  readonly record: LdifRecord;
  /** The offset of its first byte; comments right above it belong to it. */
  readonly start: number;
  /** The offset behind its last line's break. */
  readonly end: number;
  /** Bytes of the blank line behind it; 0 where there is none. */
  readonly ending: number;
  /** Its lines as they stand in the file. */
  readonly text: string;
  /** The line of its `dn:`, counted from 1. */
  readonly line: number;
}
