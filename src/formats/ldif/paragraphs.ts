import { FormatError } from "../row.ts";

/** A part of a stream that ends where a paragraph does. */
export interface Block {
  readonly bytes: Buffer;
  /** Where it begins in the whole. */
  readonly offset: number;
}

/** Bytes to be worked on in one go. More take no less time, and more memory. */
const enough = 16 * 1024;

/** Cuts a stream behind blank lines, which separate records: none lies in two blocks. Throws `FormatError` for one of more than `most` bytes. */
export async function* paragraphs(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Block> {
  let held: Buffer[] = [];
  let size = 0;
  let offset = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const cut = size + bytes.length < enough ? 0 : behindLastBlank(bytes) || behindSeam(held, bytes);
    if (cut > 0) {
      const block = Buffer.concat([...held, bytes.subarray(0, cut)]);
      yield { bytes: block, offset };
      offset += block.length;
      [held, size] = [[], 0];
    }
    held.push(bytes.subarray(cut));
    size += bytes.length - cut;
    if (size > most)
      throw new FormatError(
        `the record at byte ${offset} has more than ${most} bytes; split it, or take it out`,
      );
  }
  if (size > 0) yield { bytes: Buffer.concat(held), offset };
}

/** 0 where there is no blank line. */
function behindLastBlank(bytes: Buffer): number {
  const [short, long] = [bytes.lastIndexOf("\n\n"), bytes.lastIndexOf("\n\r\n")];
  return Math.max(short < 0 ? 0 : short + 2, long < 0 ? 0 : long + 3);
}

/** Where a blank line is only whole with what came before. */
function behindSeam(held: readonly Buffer[], bytes: Buffer): number {
  const ends = held.filter(({ length }) => length > 0).slice(-2);
  const before = Buffer.concat(ends.map((end) => end.subarray(-2))).subarray(-2);
  return Math.max(0, behindLastBlank(Buffer.concat([before, bytes.subarray(0, 2)])) - before.length);
}
