import { BerReader } from "ldapts";
import type { StoreErrorKind } from "../errors.ts";

/** What a server says at the end of an operation (RFC 4511 §4.1.9), success or not. */
export interface LdapResult {
  readonly code: number;
  readonly matchedDn: string;
  readonly text: string;
  readonly referrals: readonly string[];
  /** The value of an extended response (RFC 4511 §4.12). */
  readonly value: Buffer | undefined;
  /** Values of response controls by OID. */
  readonly controls: ReadonlyMap<string, Buffer>;
  /** What it is in this family of directories, where that is more than the code says. */
  readonly meaning?: Meaning;
  /** Who answered, where several may. */
  readonly from?: string;
}

export interface Meaning {
  readonly kind: StoreErrorKind;
  /** The cause or the cure, as the end of a sentence. */
  readonly why: string;
}

/** An entry as it came: values are raw, keys are attribute descriptions in lower case. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

export type Answer =
  | { readonly id: number; readonly kind: "entry"; readonly entry: LdapEntry }
  | { readonly id: number; readonly kind: "reference"; readonly urls: readonly string[] }
  | { readonly id: number; readonly kind: "intermediate" }
  | { readonly id: number; readonly kind: "result"; readonly result: LdapResult };

const tags = { sequence: 0x30, set: 0x31, octets: 0x04, referral: 0xa3, value: 0x8b, controls: 0xa0 };
const operations = { entry: 0x64, reference: 0x73, intermediate: 0x79 };

/** Cuts the byte stream of a connection into messages. Linear however the bytes arrive, for an entry of megabytes too. */
export class MessageSplitter {
  private pieces: Buffer[] = [];
  private size = 0;
  private wanted = 0;

  /** The messages that are complete now. Throws when the bytes are no LDAP. */
  push(piece: Buffer): Buffer[] {
    this.pieces.push(piece);
    this.size += piece.length;
    if (this.size < this.wanted) return [];
    const bytes = this.pieces.length === 1 ? piece : Buffer.concat(this.pieces);
    const messages: Buffer[] = [];
    let offset = 0;
    for (;;) {
      const length = messageLength(bytes, offset);
      this.wanted = length ?? 0;
      if (length === undefined || offset + length > bytes.length) break;
      messages.push(bytes.subarray(offset, offset + length));
      offset += length;
    }
    this.size = bytes.length - offset;
    this.pieces = this.size === 0 ? [] : [bytes.subarray(offset)];
    return messages;
  }

  /** Whether bytes of an unfinished message are waiting. */
  get pending(): boolean {
    return this.size > 0;
  }
}

/** The whole length of the message that starts here, or undefined while its head is incomplete. */
function messageLength(bytes: Buffer, start: number): number | undefined {
  if (start + 2 > bytes.length) return undefined;
  if (bytes[start] !== tags.sequence) throw new Error("the answer is not LDAP");
  const first = bytes[start + 1]!;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new Error("the answer is not LDAP");
  if (start + 2 + count > bytes.length) return undefined;
  return 2 + count + bytes.readUIntBE(start + 2, count);
}

/** Reads one message. Throws when it is malformed. */
export function readAnswer(message: Buffer): Answer {
  const reader = new BerReader(message);
  reader.readSequence(tags.sequence);
  const id = reader.readInt();
  const operation = reader.readSequence();
  if (id === null || operation === null) throw new Error("the answer is not LDAP");
  const end = reader.offset + reader.length;
  if (operation === operations.entry) return { id, kind: "entry", entry: readEntry(reader) };
  if (operation === operations.reference) return { id, kind: "reference", urls: readStrings(reader, end) };
  if (operation === operations.intermediate) return { id, kind: "intermediate" };
  return { id, kind: "result", result: readResult(reader, end) };
}

/** Reads the body of a SearchResultEntry, which is what a post-read control carries too (RFC 4527 §3.2). */
export function readEntry(reader: BerReader): LdapEntry {
  const dn = reader.readString() ?? "";
  const attributes = new Map<string, Buffer[]>();
  reader.readSequence(tags.sequence);
  const end = reader.offset + reader.length;
  while (reader.offset < end) {
    reader.readSequence(tags.sequence);
    const name = (reader.readString() ?? "").toLowerCase();
    reader.readSequence(tags.set);
    const last = reader.offset + reader.length;
    const values: Buffer[] = [];
    while (reader.offset < last) values.push(reader.readString(tags.octets, true) ?? Buffer.alloc(0));
    attributes.set(name, values);
  }
  return { dn, attributes };
}

function readResult(reader: BerReader, end: number): LdapResult {
  const code = reader.readEnumeration() ?? 0;
  const matchedDn = reader.readString() ?? "";
  const text = reader.readString() ?? "";
  let referrals: readonly string[] = [];
  let value: Buffer | undefined;
  while (reader.offset < end) {
    const tag = reader.peek() ?? 0;
    if (tag === tags.referral) {
      reader.readSequence(tag);
      referrals = readStrings(reader, reader.offset + reader.length);
    } else {
      const octets = reader.readString(tag, true) ?? undefined;
      if (tag === tags.value) value = octets;
    }
  }
  return { code, matchedDn, text, referrals, value, controls: readControls(reader) };
}

/** Reads a `[0] Controls` if one stands here (RFC 4511 §4.1.11). */
export function readControls(reader: BerReader): ReadonlyMap<string, Buffer> {
  const controls = new Map<string, Buffer>();
  if (reader.peek() !== tags.controls) return controls;
  reader.readSequence(tags.controls);
  const end = reader.offset + reader.length;
  while (reader.offset < end) {
    reader.readSequence(tags.sequence);
    const last = reader.offset + reader.length;
    const oid = reader.readString() ?? "";
    if (reader.offset < last && reader.peek() !== tags.octets) reader.readBoolean();
    controls.set(oid, reader.offset < last ? (reader.readString(tags.octets, true) ?? empty()) : empty());
  }
  return controls;
}

const empty = () => Buffer.alloc(0);

function readStrings(reader: BerReader, end: number): string[] {
  const strings: string[] = [];
  while (reader.offset < end) strings.push(reader.readString() ?? "");
  return strings;
}
