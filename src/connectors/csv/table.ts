import { Readable } from "node:stream";
import { setImmediate as breathe } from "node:timers/promises";
import { CsvError, type Info, parse } from "csv-parse";
import { StoreError } from "../errors.ts";
import type { CsvStoreBlock } from "./blocks.ts";

export type Dialect = Pick<CsvStoreBlock, "file" | "delimiter" | "quote" | "lastLineBreak">;

export interface Row {
  readonly cells: readonly string[];
  /** The line as it was, without its break, so that rewriting the file leaves it alone; undefined for one that was changed. */
  readonly raw: string | undefined;
  /** Where the row ends in the file. */
  readonly line: number;
}

export interface Table {
  readonly bom: boolean;
  readonly lineBreak: string;
  readonly header: Row;
  readonly rows: readonly Row[];
}

interface Parsed {
  readonly record: string[];
  readonly raw: string;
  readonly info: Info;
}

const sliceSize = 64 * 1024;
const bom = "\uFEFF";
/** csv-parse's codes in words. */
const faults: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: "it has more or fewer cells than the header",
  CSV_QUOTE_NOT_CLOSED: "the file ends inside a quoted cell",
  CSV_INVALID_CLOSING_QUOTE: "a quoted cell goes on after its quote",
  INVALID_OPENING_QUOTE: "a quote stands inside a cell that is not quoted",
};
const lineBreaks = ["\r\n", "\n", "\r"];

/** Throws `Unavailable` for what is not a whole, well-formed table (RFC 4180): an account list is never shorter than the file's. */
export async function parseTable(text: string, dialect: Dialect): Promise<Table> {
  const body = text.startsWith(bom) ? text.slice(1) : text;
  const refuse = (cause: string) => new StoreError("Unavailable", `cannot read ${dialect.file}: ${cause}`);
  if (body === "")
    throw refuse(
      "it has 0 bytes, not even a header line; restore it, or write the header for an empty table",
    );
  if (dialect.lastLineBreak === "Required" && !/[\r\n]$/.test(body)) {
    throw refuse("it ends without a line break, as a truncated file does; restore it, or end its last line");
  }
  const rows = await parseRows(body, dialect);
  const header = rows.shift();
  if (header === undefined) throw refuse("it has no header line; write one");
  const twice = header.cells.find((cell, at) => header.cells.indexOf(cell) !== at);
  if (twice !== undefined) throw refuse(`its header names the column "${twice}" twice; rename one`);
  return {
    bom: body !== text,
    lineBreak: /\r\n|\n|\r/.exec(body)?.[0] ?? "\n",
    header,
    rows,
  };
}

async function parseRows(body: string, { file, delimiter, quote }: Dialect): Promise<Row[]> {
  const parser = parse({
    delimiter,
    quote,
    escape: quote,
    record_delimiter: lineBreaks,
    skip_empty_lines: true,
    raw: true,
    info: true,
  });
  const rows: Row[] = [];
  try {
    for await (const { record, raw, info } of Readable.from(slices(body)).compose(
      parser,
    ) as AsyncIterable<Parsed>) {
      rows.push({ cells: record, raw: raw.replace(/^[\r\n]+|[\r\n]+$/g, ""), line: info.lines });
    }
    return rows;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Not the library's words, nor the error itself as a cause: they hold the cell's content.
    const what = faults[error.code] ?? "it is not well-formed";
    throw new StoreError(
      "Unavailable",
      `cannot read ${file}: line ${error.lines}: ${what}; repair that line`,
    );
  }
}

/** Pieces small enough that the process stays responsive between them. */
async function* slices(body: string): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += sliceSize) {
    yield bytes.subarray(at, at + sliceSize);
    await breathe();
  }
}

/** Writes a table so that `parseTable` gives the same cells. Rows that were not changed stay as they were, character by character. */
export function formatTable(table: Table, dialect: Dialect): string {
  const lines = [table.header, ...table.rows].map((row) => row.raw ?? formatRow(row.cells, dialect));
  return `${table.bom ? bom : ""}${lines.map((line) => line + table.lineBreak).join("")}`;
}

function formatRow(cells: readonly string[], { delimiter, quote }: Dialect): string {
  const special = [delimiter, quote, "\r", "\n", bom];
  const plain = (cell: string) => !special.some((one) => cell.includes(one));
  const quoted = cells.map((cell) =>
    plain(cell) ? cell : quote + cell.replaceAll(quote, quote + quote) + quote,
  );
  return quoted.length === 1 && quoted[0] === "" ? quote + quote : quoted.join(delimiter);
}
