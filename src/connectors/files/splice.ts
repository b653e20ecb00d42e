import type { Span } from "../../formats/row.ts";

/** A row that becomes other bytes, or none. */
export interface Edit {
  readonly span: Span;
  /** Undefined: the row goes, and its line break with it. */
  readonly bytes: Uint8Array | undefined;
}

/** A file's bytes with some rows edited, all others as they were. The edits are in the file's order. */
export async function* splice(
  pieces: AsyncIterable<Uint8Array>,
  edits: readonly Edit[],
): AsyncGenerator<Uint8Array> {
  let start = 0;
  let next = 0;
  for await (const piece of pieces) {
    const end = start + piece.length;
    let at = start;
    while (at < end) {
      const edit = edits[next];
      const from = edit?.span.offset ?? Number.POSITIVE_INFINITY;
      if (at < from) {
        const to = Math.min(from, end);
        yield piece.subarray(at - start, to - start);
        at = to;
      } else {
        if (at === from && edit!.bytes !== undefined) yield edit!.bytes;
        const to = from + edit!.span.length + (edit!.bytes === undefined ? edit!.span.ending : 0);
        at = Math.min(to, end);
        if (at === to) next++;
      }
    }
    start = end;
  }
}
