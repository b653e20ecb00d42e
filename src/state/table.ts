export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/**
 * How things are kept: what is looked up or unique in columns of its own, everything else as JSON in `body`. Reasons stand alone
 * because thousands of accounts share them: read back, equal ones are one object.
 */
export interface Table<T, Read = T> {
  readonly name: string;
  readonly columns: Readonly<Record<string, "text" | "bigint">>;
  /** What tells rows apart. Empty where every row is new. */
  readonly key: readonly string[];
  /** Columns that stay as they are when a row is put again. */
  readonly keeps?: readonly string[];
  encode(item: T): readonly Value[];
  decode(row: Row, shared: Shared): Read;
}

/** Parses texts that occur again and again once. */
export class Shared {
  readonly #parsed = new Map<string, unknown>();

  parse<T>(text: Value | undefined): T {
    const known = this.#parsed.get(text as string);
    if (known !== undefined) return known as T;
    if (this.#parsed.size >= 10_000) this.#parsed.clear();
    const value: T = parse(text);
    this.#parsed.set(text as string, value);
    return value;
  }
}

export function parse<T>(text: Value | undefined): T {
  return JSON.parse(text as string);
}
