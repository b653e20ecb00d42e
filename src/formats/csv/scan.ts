import type { CsvDialect } from "./dialect.ts";

export interface ScannedRow {
  readonly cells: readonly string[];
  /** Where the row ends in the text, before its line break. */
  readonly end: number;
  readonly quoted: boolean;
}

/** What is wrong with a row, and how to put it right. */
export class CsvFault extends Error {}

/** Reads rows out of a piece of a file. What the piece may hold only a part of is undefined, unless it is the last one. */
export class Scan {
  #text: string;
  #last: boolean;
  #delimiter: string;
  #quote: string;
  #feeds: Finder;
  #returns: Finder;
  #quotes: Finder;

  constructor(text: string, last: boolean, { delimiter, quote }: Pick<CsvDialect, "delimiter" | "quote">) {
    this.#text = text;
    this.#last = last;
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#feeds = new Finder(text, "\n");
    this.#returns = new Finder(text, "\r");
    this.#quotes = new Finder(text, quote);
  }

  /** The row that begins here; without a cell for a blank line. Throws `CsvFault`. */
  row(at: number): ScannedRow | undefined {
    const end = this.#lineEnd(at);
    if (this.#quotes.after(at) < end) return this.#quotedRow(at);
    return { cells: this.#text.slice(at, end).split(this.#delimiter), end, quoted: false };
  }

  /** The line break that stands here; empty at the end of the file. */
  lineBreak(at: number): string | undefined {
    if (at === this.#text.length) return this.#last ? "" : undefined;
    if (this.#text[at] === "\n") return "\n";
    if (this.#text[at + 1] === "\n") return "\r\n";
    return at + 1 < this.#text.length || this.#last ? "\r" : undefined;
  }

  #lineEnd(at: number): number {
    return Math.min(this.#feeds.after(at), this.#returns.after(at));
  }

  #quotedRow(start: number): ScannedRow | undefined {
    const cells: string[] = [];
    for (let at = start; ; at++) {
      const cell = this.#text[at] === this.#quote ? this.#quotedCell(at) : this.#plainCell(at);
      if (cell === undefined) return undefined;
      cells.push(cell.value);
      at = cell.end;
      if (this.#text[at] !== this.#delimiter) return { cells, end: at, quoted: true };
    }
  }

  #plainCell(at: number): { value: string; end: number } {
    const found = this.#text.indexOf(this.#delimiter, at);
    const end = Math.min(found < 0 ? this.#text.length : found, this.#lineEnd(at));
    if (this.#quotes.after(at) < end)
      throw new CsvFault("a quote stands inside a cell that is not quoted; repair that line");
    return { value: this.#text.slice(at, end), end };
  }

  #quotedCell(at: number): { value: string; end: number } | undefined {
    const [text, quote] = [this.#text, this.#quote];
    for (let from = at + 1; ; ) {
      const end = text.indexOf(quote, from) + 1;
      if (end === 0 && this.#last) throw new CsvFault("the file ends inside a quoted cell; repair that line");
      if (end === 0 || (end === text.length && !this.#last)) return undefined;
      if (text[end] === quote) {
        from = end + 1;
        continue;
      }
      if (end < text.length && ![this.#delimiter, "\n", "\r"].includes(text[end]!))
        throw new CsvFault("a quoted cell goes on after its quote; repair that line");
      return { value: text.slice(at + 1, end - 1).replaceAll(quote + quote, quote), end };
    }
  }
}

/** Where a character stands next, searched for once however often it is asked: most rows hold no quote, most files no CR. */
class Finder {
  #text: string;
  #character: string;
  #found = -1;

  constructor(text: string, character: string) {
    this.#text = text;
    this.#character = character;
  }

  /** At or after this place; the text's length where there is none. */
  after(at: number): number {
    if (this.#found < at) {
      const found = this.#text.indexOf(this.#character, at);
      this.#found = found < 0 ? this.#text.length : found;
    }
    return this.#found;
  }
}
