import { hash } from "node:crypto";
import { decodeWhole, encodable } from "../encoding.ts";
import { FormatError, type Row, type Span, ValueError } from "../row.ts";
import type { CsvDialect } from "./dialect.ts";
import type { CsvLine } from "./lines.ts";
import { Scan } from "./scan.ts";
import { formatCsvRow } from "./write.ts";

/** Gives the cells their columns. Throws `FormatError` for more or fewer of them. */
export function rowMaker(columns: readonly string[]): (line: CsvLine) => Row {
  const places = new Map(columns.map((column, at) => [column, at]));
  // Short: it is hashed with each row.
  const heading = hash("sha256", JSON.stringify(columns), "base64url").slice(0, 12);
  return (line) => {
    if (line.cells.length !== columns.length) {
      throw new FormatError(
        `line ${line.line}: it has more or fewer cells than the header; repair that line`,
      );
    }
    return new CsvRow(line, places, heading);
  };
}

export function readCsvRow(bytes: Uint8Array, span: Span, dialect: CsvDialect): CsvLine {
  const text = decodeWhole(bytes, dialect.encoding);
  const { cells } = new Scan(text, true, dialect).row(0)!;
  return { ...span, cells, text, lineBreak: "" };
}

export function editCsvRow(
  columns: readonly string[],
  row: Row | undefined,
  values: ReadonlyMap<string, readonly string[]>,
  dialect: CsvDialect,
): string {
  const cells = columns.map((column) => values.get(column) ?? row?.values(column) ?? []);
  for (const [column, [value = "", ...more]] of values) {
    if (!columns.includes(column))
      throw new ValueError(column, "has no column; add it to the file, or unmap it");
    if (more.length > 0) throw new ValueError(column, "takes one value; map one");
    if (value.includes("\0")) throw new ValueError(column, "has a NUL; take it out");
    if (!encodable(value, dialect.encoding)) {
      throw new ValueError(column, `has characters that ${dialect.encoding} has not; use utf-8`);
    }
  }
  return formatCsvRow(
    cells.map(([cell = ""]) => cell),
    dialect,
  );
}

class CsvRow implements Row {
  readonly offset: number;
  readonly length: number;
  readonly ending: number;
  readonly line: number;
  readonly text: string;
  readonly heading: string;
  #cells: readonly string[];
  #places: ReadonlyMap<string, number>;

  constructor(line: CsvLine, places: ReadonlyMap<string, number>, heading: string) {
    this.offset = line.offset;
    this.length = line.length;
    this.ending = line.ending;
    this.line = line.line;
    this.text = line.text;
    this.heading = heading;
    this.#cells = line.cells;
    this.#places = places;
  }

  values(column: string): readonly string[] {
    const place = this.#places.get(column);
    const cell = place === undefined ? "" : this.#cells[place]!;
    return cell === "" ? [] : [cell];
  }
}
