import { BerReader, BerWriter, Control, ExtendedRequest, type Filter } from "ldapts";
import { encodeFilter } from "./filter.ts";
import { type LdapEntry, type LdapResult, readEntry } from "./wire.ts";

export const oids = {
  paging: "1.2.840.113556.1.4.319",
  assertion: "1.3.6.1.1.12",
  postRead: "1.3.6.1.1.13.2",
  passwordPolicy: "1.3.6.1.4.1.42.2.27.8.5.1",
  effectiveRights: "1.3.6.1.4.1.42.2.27.9.5.2",
  sync: "1.3.6.1.4.1.4203.1.9.1.1",
  startTransaction: "1.3.6.1.1.21.1",
  inTransaction: "1.3.6.1.1.21.2",
  endTransaction: "1.3.6.1.1.21.3",
} as const;

/** A control whose value is encoded already. */
class EncodedControl extends Control {
  readonly value: Buffer;

  constructor(oid: string, value: Buffer) {
    super(oid, { critical: true });
    this.value = value;
  }

  protected override writeControl(writer: BerWriter): void {
    writer.writeBuffer(this.value, 0x04);
  }
}

/** Makes an operation fail with assertionFailed unless the entry matches (RFC 4528). */
export const assertion = (filter: Filter): Control =>
  new EncodedControl(oids.assertion, encodeFilter(filter));

/** Asks for attributes as they are after the change, read in the same step (RFC 4527 §3.2). */
export const postRead = (attributes: readonly string[]): Control =>
  new EncodedControl(
    oids.postRead,
    sequence((writer) => writer.writeStringArray([...attributes])),
  );

export function readPostRead(result: LdapResult): LdapEntry | undefined {
  const value = result.controls.get(oids.postRead);
  if (value === undefined) return undefined;
  const reader = new BerReader(value);
  reader.readSequence();
  return readEntry(reader);
}

/** Asks which rule of the password policy is broken, if one is (draft-behera-ldap-password-policy §6.1). */
export const passwordPolicy = (): Control => new Control(oids.passwordPolicy);

/** The number of the rule that is broken (§6.2). */
export function readPasswordPolicy(result: LdapResult): number | undefined {
  const value = result.controls.get(oids.passwordPolicy);
  if (value === undefined) return undefined;
  const reader = new BerReader(value);
  reader.readSequence();
  if (reader.peek() === 0xa0) reader.readString(0xa0, true);
  return reader.peek() === 0x81 ? reader.readString(0x81, true)?.at(0) : undefined;
}

/** Asks what somebody may do with each entry and attribute that a search gives (draft-ietf-ldapext-acl-model §9.1). */
export const effectiveRights = (dn: string): Control =>
  new EncodedControl(oids.effectiveRights, Buffer.from(`dn: ${dn}`));

/** Asks for one page (RFC 2696). */
export const paging = (size: number, cookie: Buffer): Control =>
  new EncodedControl(
    oids.paging,
    sequence((writer) => {
      writer.writeInt(size);
      writer.writeBuffer(cookie, 0x04);
    }),
  );

/** Where the next page begins; empty after the last. */
export function readCookie(result: LdapResult): Buffer {
  const value = result.controls.get(oids.paging);
  if (value === undefined) return Buffer.alloc(0);
  const reader = new BerReader(value);
  reader.readSequence();
  reader.readInt();
  return reader.readString(0x04, true) ?? Buffer.alloc(0);
}

/** Puts an operation into a transaction (RFC 5805 §2.2). */
export const inTransaction = (id: Buffer): Control => new EncodedControl(oids.inTransaction, id);

export const startTransaction = (): ExtendedRequest =>
  new ExtendedRequest({ messageId: 0, oid: oids.startTransaction });

/** Commits, or gives up (RFC 5805 §2.3). */
export const endTransaction = (id: Buffer, commit: boolean): ExtendedRequest =>
  new ExtendedRequest({
    messageId: 0,
    oid: oids.endTransaction,
    value: sequence((writer) => {
      if (!commit) writer.writeBoolean(false);
      writer.writeBuffer(id, 0x04);
    }),
  });

export function sequence(write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  write(writer);
  writer.endSequence();
  return Buffer.from(writer.buffer);
}
