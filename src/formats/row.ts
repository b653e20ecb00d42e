/**
 * Files of rows, whatever they are written in. A reader streams: it keeps no row, each knows where it lies, so that whoever needs it
 * later reads those bytes alone. A column may hold several values; one that holds none is absent.
 */
export interface Format {
  /** For people: `CSV, utf-8`. */
  readonly title: string;
  /** Whether a column may hold more than one value. */
  readonly multiValued: boolean;
  /**
   * Begins to read a file, up to where its first row may be, from its bytes in pieces of any length. Throws `FormatError`.
   */
  open(bytes: AsyncIterable<Uint8Array>): Promise<Sheet>;
}

/** A file that was opened; still of use for its single rows when all of them have been read. */
export interface Sheet {
  /** The columns there are, where the file lists them; otherwise a row may have any. */
  readonly columns: readonly string[] | undefined;
  /** The rows in the file's order, page by page, once. Ends normally only when the file is whole; otherwise throws `FormatError`. */
  rows(): AsyncIterable<readonly Row[]>;
  /** Reads a row again from the bytes that its span covers, or one that `edit` wrote. */
  row(bytes: Uint8Array, span: Span): Row;
  /**
   * The row's new text with other values in some columns, everything else as it was; without a row, the text of a new one. Without the line
   * break. Throws `ValueError` for what the format cannot hold.
   */
  edit(row: Row | undefined, values: ReadonlyMap<string, readonly string[]>): string;
  /** The bytes of a row's text. */
  encode(text: string): Uint8Array;
  /** What stands between two rows of this file: a text for `encode`. */
  readonly lineBreak: string;
}

/** Where a row lies in its file, so that it can be read again, replaced or taken out without the others. */
export interface Span {
  /** Bytes from the file's beginning. */
  readonly offset: number;
  /** Bytes, without the line break behind it. */
  readonly length: number;
  /** Bytes of that line break, 0 where the file ends without one: they go with the row when it is taken out. */
  readonly ending: number;
  /** The line it begins in, from 1. */
  readonly line: number;
}

export interface Row extends Span {
  /** A column's values; empty where the row has none, or there is no such column. */
  values(column: string): readonly string[];
  /** The row as it is written. */
  readonly text: string;
  /** A digest of what gives the text its meaning and stands elsewhere, as a header does; absent where the text says all. */
  readonly heading?: string;
}

/** A file that is not whole or not well-formed. The message is the cause and its cure, by line: `line 3: …; repair that line`. It shows no content. */
export class FormatError extends Error {
  override readonly name = "FormatError";
}

/** A value that a format or an encoding cannot hold. The message is a verb phrase about the column: `has characters that latin1 has not; use utf-8`. */
export class ValueError extends Error {
  override readonly name = "ValueError";
  readonly column: string;

  constructor(column: string, message: string) {
    super(message);
    this.column = column;
  }
}
