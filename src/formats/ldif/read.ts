import { isUtf8 } from "node:buffer";
import { FormatError } from "../row.ts";
import { fault, type Line, readLine } from "./lines.ts";
import { type Block, paragraphs } from "./paragraphs.ts";
import { readRecord } from "./read-record.ts";
import type { PlacedRecord } from "./record.ts";
import { unfold } from "./unfold.ts";

/** No record may be larger: a group of a million members is not. */
const largestRecord = 128 * 1024 * 1024;
const byteOrderMark = "\uFEFF";

/**
 * The records of a file, in its order, a page for each stretch of the stream; its memory is that of the stream's pieces and of the
 * largest record. Content and changes may follow one another. More liberal than RFC 2849 where everybody is: UTF-8 may stand
 * unencoded, the last `-` and the last line break may be missing, names may hold `_`.
 * Throws `FormatError` at the first line that is none of it, and for values behind URLs, other encodings and NULs.
 */
export async function* readLdif(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly PlacedRecord[]> {
  let line = 1;
  for await (const block of paragraphs(source, largestRecord)) {
    const { records, nextLine } = readBlock(block, line);
    line = nextLine;
    if (records.length > 0) yield records;
  }
}

/** The records of a whole number of paragraphs. Throws `FormatError`. */
export function readBlock(block: Block, firstLine: number): { records: PlacedRecord[]; nextLine: number } {
  const text = textOf(block, firstLine);
  const byteAt = byteOffsets(block, text);
  const records: PlacedRecord[] = [];
  let lines: Line[] = [];
  let start: number | undefined;
  let number = firstLine;
  const finish = (end: number, ending = 0) => {
    const [first] = lines;
    if (first !== undefined && start !== undefined) {
      const [record, raw] = [readRecord(lines), text.slice(start, end)];
      records.push({ record, text: raw, start: byteAt(start), end: byteAt(end), ending, line: first.number });
      lines = [];
    }
    start = undefined;
  };
  let at = block.offset === 0 && text.startsWith(byteOrderMark) ? 1 : 0;
  while (at < text.length) {
    const { text: line, next, parts } = unfold(text, at);
    if (line === "") finish(at, next - at);
    else if (lines.length === 0 && isVersion(line, number)) start = undefined;
    else {
      start ??= at;
      if (!line.startsWith("#")) lines.push(readLine(line, number));
    }
    number += parts;
    at = next;
  }
  finish(text.length);
  return { records, nextLine: number };
}

/** `version: 1`, which may stand before each part of what several files were put together from. */
function isVersion(line: string, number: number): boolean {
  if (!/^version:/i.test(line)) return false;
  if (/^version: *1$/i.test(line)) return true;
  throw fault(number, "there is one version of LDIF only; write version: 1");
}

function textOf({ bytes, offset }: Block, firstLine: number): string {
  if (offset === 0 && (bytes[0] ?? 0) + (bytes[1] ?? 0) === 0xff + 0xfe)
    throw new FormatError("it is UTF-16; convert it to UTF-8");
  if (!isUtf8(bytes)) throw notUtf8(bytes, firstLine);
  const text = bytes.toString();
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  throw fault(firstLine + breaksIn(text.slice(0, nul)), "it has a NUL, as a damaged file does; restore it");
}

function notUtf8(bytes: Buffer, firstLine: number): FormatError {
  const good = bytes.toString().split("\uFFFD", 1)[0]!;
  return fault(firstLine + breaksIn(good), "it is not UTF-8; repair it, or write the value in base64");
}

function breaksIn(text: string): number {
  return text.split("\n").length - 1;
}

/** From a growing index in the text to the offset in the file. */
function byteOffsets({ bytes, offset }: Block, text: string): (index: number) => number {
  if (text.length === bytes.length) return (index) => offset + index;
  let known = { index: 0, byte: offset };
  return (index) => {
    known = { index, byte: known.byte + Buffer.byteLength(text.slice(known.index, index)) };
    return known.byte;
  };
}
