import { FormatError } from "../row.ts";

/** A part of a stream that ends where a paragraph does. */
export interface Block {
  readonly bytes: Buffer;
  /** Where it begins in the whole. */
  readonly offset: number;
}

/** Cuts a stream behind blank lines, which separate records: none lies in two blocks. Throws `FormatError` for one of more than `most` bytes. */
export async function* paragraphs(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Block> {
  let held: Buffer[] = [];
  let size = 0;
  let offset = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const before = Buffer.concat(held.slice(-2)).subarray(-2);
    const cut = behindLastBlank(Buffer.concat([before, bytes])) - before.length;
    if (cut > 0) {
      const block = Buffer.concat([...held, bytes.subarray(0, cut)]);
      yield { bytes: block, offset };
      offset += block.length;
      [held, size] = [[], 0];
    }
    const rest = bytes.subarray(Math.max(cut, 0));
    if (rest.length > 0) held.push(rest);
    size += rest.length;
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
