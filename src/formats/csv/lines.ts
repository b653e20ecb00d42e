import { FormatError, type Span } from "../row.ts";
import type { CsvDialect } from "./dialect.ts";
import { CsvFault, Scan } from "./scan.ts";

/** A row as it stands in its file. */
export interface CsvLine extends Span {
  readonly cells: readonly string[];
  readonly text: string;
  /** Empty where the file ends without one. */
  readonly lineBreak: string;
}

/** No row is longer, in characters: what looks so is a quote that nobody closed. */
const longest = 16 * 1024 * 1024;

/**
 * Takes the pieces of a text apart into rows, as RFC 4180 has them; lines may end in CR LF, LF or CR, and blank ones are no rows.
 * Throws `FormatError`, by line. `start` is where in the file the text begins, in bytes.
 */
export async function* readCsvLines(
  pieces: AsyncIterable<string>,
  dialect: CsvDialect,
  bytes: (text: string) => number,
  start: number,
): AsyncGenerator<readonly CsvLine[]> {
  let [offset, line, rest, enough] = [start, 1, "", 0];
  const take = (text: string, last: boolean): CsvLine[] => {
    const scan = new Scan(text, last, dialect);
    const lines: CsvLine[] = [];
    let at = 0;
    while (at < text.length) {
      const row = scan.row(at);
      const lineBreak = row && scan.lineBreak(row.end);
      if (row === undefined || lineBreak === undefined) break;
      const raw = text.slice(at, row.end);
      const [length, ending] = [bytes(raw), bytes(lineBreak)];
      if (raw !== "") lines.push({ cells: row.cells, text: raw, offset, length, ending, line, lineBreak });
      offset += length + ending;
      line += row.quoted ? raw.split(/\r\n|\n|\r/).length : 1;
      at = row.end + lineBreak.length;
    }
    rest = text.slice(at);
    enough = at === 0 ? text.length * 2 : 0;
    if (rest.length > longest) throw new CsvFault("it is longer than 16 MB; close its quote");
    return lines;
  };
  const named = (text: string, last: boolean): CsvLine[] => {
    try {
      return take(text, last);
    } catch (error) {
      if (error instanceof CsvFault) throw new FormatError(`line ${line}: ${error.message}`);
      throw error;
    }
  };
  for await (const piece of pieces) {
    rest += piece;
    // A row that is longer than the pieces is not read anew for each of them.
    if (rest.length >= enough || rest.length > longest) yield named(rest, false);
  }
  yield named(rest, true);
}
