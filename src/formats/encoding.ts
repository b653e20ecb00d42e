import iconv from "iconv-lite";
import { FormatError } from "./row.ts";

/** Encodings of iconv-lite in which a character's bytes depend on those before it, or which are none. */
const unusable = /^(utf-?7.*|base64|hex|internal|singlebyte|dbcs)$/i;

export function encodingExists(encoding: string): boolean {
  return !unusable.test(encoding) && iconv.encodingExists(encoding);
}

/** A byte order mark is a character like any other here. */
export function encode(text: string, encoding: string): Buffer {
  return iconv.encode(text, encoding, { addBOM: false });
}

/** How many bytes a text takes. */
export function byteLength(encoding: string): (text: string) => number {
  return /^utf-?8$/i.test(encoding)
    ? (text) => Buffer.byteLength(text)
    : (text) => encode(text, encoding).length;
}

/** Whether the encoding has all of these characters. */
export function encodable(text: string, encoding: string): boolean {
  return text.isWellFormed() && decodeWhole(encode(text, encoding), encoding) === text;
}

/** Decodes what is known to be right. */
export function decodeWhole(bytes: Uint8Array, encoding: string): string {
  return iconv.decode(bytes, encoding, { stripBOM: false });
}

/** More bytes than this are not held back for the sake of a character: who reads them finds that row too long. */
const longest = 16 * 1024 * 1024;

/** Decodes piece by piece, and proves that the text is the bytes: throws `FormatError`, by line, where encoding it again gives others. */
export async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: false });
  const encoder = iconv.getEncoder(encoding, { addBOM: false });
  let unproved: Buffer = Buffer.alloc(0);
  let [line, held] = [1, ""];
  const prove = (text: string, again: Buffer) => {
    const same = text.isWellFormed() && again.equals(unproved.subarray(0, again.length));
    if (!same) {
      const at = again.findIndex((byte, index) => byte !== unproved[index]);
      throw notEncoded(encoding, line + count(decodeWhole(unproved.subarray(0, Math.max(at, 0)), encoding)));
    }
    unproved = unproved.subarray(again.length);
    line += count(text);
    return text;
  };
  for await (const piece of recut(bytes)) {
    unproved = unproved.length === 0 ? piece : Buffer.concat([unproved, piece]);
    const [text, half] = wholeCharacters(held + decoder.write(piece));
    held = half;
    yield prove(text, encoder.write(text));
  }
  const rest = held + (decoder.end() ?? "");
  const text = prove(rest, Buffer.concat([encoder.write(rest), encoder.end() ?? Buffer.alloc(0)]));
  if (unproved.length > 0) throw notEncoded(encoding, line);
  yield text;
}

function notEncoded(encoding: string, line: number): FormatError {
  return new FormatError(`it is not ${encoding} at line ${line}; repair it, or set the encoding it has`);
}

/**
 * Cuts where no character of several bytes is cut, all of whose bytes are higher: iconv-lite 0.7 loses a character when a piece begins with the last
 * byte of a four-byte one (gb18030).
 */
async function* recut(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const waiting: Buffer[] = [];
  let held = 0;
  for await (const piece of bytes) {
    const all = asBuffer(piece);
    const found = all.findLastIndex((byte) => byte < 0x30) + 1;
    const end = found === 0 && held > longest ? all.length : found;
    if (end > 0) yield Buffer.concat([...waiting.splice(0), all.subarray(0, end)]);
    held = end > 0 ? 0 : held;
    const rest = all.subarray(end);
    waiting.push(rest);
    held += rest.length;
  }
  yield Buffer.concat(waiting);
}

/** Splits off the first half of a character whose second one is still to come. */
function wholeCharacters(text: string): readonly [whole: string, half: string] {
  const end = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length;
  return [text.slice(0, end), text.slice(end)];
}

/** Its line feeds. */
function count(text: string): number {
  let found = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) found++;
  return found;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
