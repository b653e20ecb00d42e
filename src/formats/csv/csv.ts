import { byteOrderMark, pastMark } from "../byte-order-mark.ts";
import { cutOff } from "../cut-off.ts";
import { byteLength, decode, encode } from "../encoding.ts";
import { firstPage } from "../pages.ts";
import { type Format, FormatError, type Sheet } from "../row.ts";
import type { CsvDialect } from "./dialect.ts";
import { type CsvLine, readCsvLines } from "./lines.ts";
import { editCsvRow, readCsvRow, rowMaker } from "./rows.ts";

export interface CsvOptions extends CsvDialect {
  /** Required: a file whose last line has no line break is taken for a truncated one. */
  readonly lastLineBreak: "Required" | "Optional";
}

/** Tables whose first line names the columns. All rows have as many cells as it has: an account list is never shorter than the file's. */
export function csvFormat(options: CsvOptions): Format {
  return { title: `CSV, ${options.encoding}`, multiValued: false, open: (bytes) => openCsv(bytes, options) };
}

async function openCsv(bytes: AsyncIterable<Uint8Array>, options: CsvOptions): Promise<Sheet> {
  const { encoding } = options;
  const { marked, empty, body } = await pastMark(decode(bytes, encoding));
  if (empty) {
    throw new FormatError(
      "it has 0 bytes, not even a header line; restore it, or write the header for an empty table",
    );
  }
  const size = byteLength(encoding);
  const pages = whole(readCsvLines(body, options, size, marked ? size(byteOrderMark) : 0), options);
  const [header, ...first] = await firstPage(pages);
  if (header === undefined) throw new FormatError("it has no header line; write one");
  // Rows have to begin in a line of their own.
  if (header.lineBreak === "") throw cutOff();
  const columns = header.cells;
  const twice = columns.find((cell, at) => columns.indexOf(cell) !== at);
  if (twice !== undefined) throw new FormatError(`its header names the column "${twice}" twice; rename one`);
  const toRow = rowMaker(columns);
  return {
    columns,
    async *rows() {
      yield first.map(toRow);
      for await (const page of pages) yield page.map(toRow);
    },
    row: (text, span) => toRow(readCsvRow(text, span, options)),
    edit: (row, values) => editCsvRow(columns, row, values, options),
    encode: (text) => encode(text, encoding),
    lineBreak: header.lineBreak,
  };
}

/** Throws where the file was cut off in mid-line. */
async function* whole(
  pages: AsyncIterable<readonly CsvLine[]>,
  { lastLineBreak }: CsvOptions,
): AsyncGenerator<readonly CsvLine[]> {
  for await (const page of pages) {
    if (page.at(-1)?.lineBreak === "" && lastLineBreak === "Required") throw cutOff();
    yield page;
  }
}
