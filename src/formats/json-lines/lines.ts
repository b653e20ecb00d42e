import { FormatError, type Span } from "../row.ts";

/** A line that is not blank. */
export interface Line extends Span {
  readonly text: string;
  /** Empty where the file ends without one. */
  readonly lineBreak: string;
}

/** No line is longer, in characters. */
const longest = 16 * 1024 * 1024;

/** Takes the pieces of an UTF-8 text apart into lines, which end in LF or CR LF. `start` is where in the file the text begins, in bytes. */
export async function* readLines(
  pieces: AsyncIterable<string>,
  start: number,
): AsyncGenerator<readonly Line[]> {
  let [offset, line, rest] = [start, 1, ""];
  const take = (raw: string, feed: string): Line => {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const lineBreak = raw.slice(text.length) + feed;
    const length = Buffer.byteLength(text);
    const taken = { text, lineBreak, offset, length, ending: lineBreak.length, line };
    offset += length + lineBreak.length;
    line++;
    return taken;
  };
  const isRow = ({ text }: Line) => text.trim() !== "";
  for await (const piece of pieces) {
    const [first = "", ...others] = piece.split("\n");
    rest += first;
    if (rest.length > longest) throw new FormatError(`line ${line} is longer than 16 MB; repair that line`);
    if (others.length === 0) continue;
    const last = others.pop()!;
    const lines = [rest, ...others].map((raw) => take(raw, "\n"));
    rest = last;
    yield lines.filter(isRow);
  }
  yield [take(rest, "")].filter(isRow);
}
