import { cutOff } from "../cut-off.ts";
import { type Format, FormatError, type Row, type Sheet, type Span } from "../row.ts";
import { readBlock, readLdif } from "./read.ts";
import { BinaryNames, editedText, LdifRow } from "./row.ts";

const lineFeed = 0x0a;

/** Entries and change records, a row each, in LDIF (RFC 2849). `binary` names the attributes whose values are bytes. */
export function ldifFormat(binary: readonly string[] = []): Format {
  const names = new BinaryNames(binary);
  return { title: "LDIF", multiValued: true, open: async (bytes) => new LdifSheet(bytes, names) };
}

class LdifSheet implements Sheet {
  readonly columns = undefined;
  readonly #bytes: AsyncIterable<Uint8Array>;
  readonly #binary: BinaryNames;
  #lineBreak = "\n";

  constructor(bytes: AsyncIterable<Uint8Array>, binary: BinaryNames) {
    this.#bytes = bytes;
    this.#binary = binary;
  }

  /** The blank line between two records; the end of its last line belongs to a record. */
  get lineBreak(): string {
    return this.#lineBreak;
  }

  async *rows(): AsyncGenerator<readonly Row[]> {
    for await (const page of readLdif(whole(this.#bytes))) {
      if (page[0]?.text.endsWith("\r\n")) this.#lineBreak = "\r\n";
      yield page.map((record) => new LdifRow(record, this.#binary));
    }
  }

  row(bytes: Uint8Array, span: Span): Row {
    const block = {
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      offset: span.offset,
    };
    const [record] = readBlock(block, span.line).records;
    return new LdifRow({ ...record!, ending: span.ending, line: span.line }, this.#binary);
  }

  edit(row: Row | undefined, values: ReadonlyMap<string, readonly string[]>): string {
    const text = editedText(row as LdifRow | undefined, values, this.#binary);
    return this.#lineBreak === "\n" ? text : text.replaceAll("\n", this.#lineBreak);
  }

  encode(text: string): Uint8Array {
    return Buffer.from(text);
  }
}

/** Throws where the file was cut off in mid-line, or has nothing in it. */
async function* whole(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: number | undefined;
  for await (const piece of bytes) {
    yield piece;
    last = piece.at(-1) ?? last;
  }
  if (last === undefined) throw new FormatError("it has 0 bytes; restore it");
  if (last !== lineFeed) throw cutOff();
}
