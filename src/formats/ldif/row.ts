import { normaliseName } from "../../core/model/distinguished-name.ts";
import { FormatError, type Row, ValueError } from "../row.ts";
import { isDescription, sameDescription } from "./lines.ts";
import type { LdifAttribute, LdifRecord, LdifValue, PlacedRecord } from "./record.ts";
import { writeLdif } from "./write.ts";

/** Attributes whose values are bytes: in base64 as a row tells them. */
export class BinaryNames {
  readonly #names: ReadonlySet<string>;
  /** By every way to write a name that was asked for: that happens several times for each row. */
  readonly #known = new Map<string, boolean>();

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  has(description: string): boolean {
    return this.#known.get(description) ?? this.#learn(description);
  }

  #learn(description: string): boolean {
    const isBinary = this.#names.has(description.toLowerCase());
    this.#known.set(description, isBinary);
    return isBinary;
  }
}

/** The column that is an entry's name. */
export const nameColumn = "dn";

/** An entry, whose attributes are the columns, whatever their case; or a change record, which has none. */
export class LdifRow implements Row {
  readonly record: LdifRecord;
  readonly text: string;
  readonly offset: number;
  readonly length: number;
  readonly ending: number;
  readonly line: number;
  readonly #binary: BinaryNames;
  #name: string | undefined;

  constructor({ record, text, start, end, ending, line }: PlacedRecord, binary: BinaryNames) {
    this.record = record;
    this.text = text;
    this.offset = start;
    this.length = end - start;
    this.ending = ending;
    this.line = line;
    this.#binary = binary;
  }

  /** The entry's name in its one form (`normaliseName`). */
  get name(): string {
    this.#name ??= normaliseName(this.record.dn);
    return this.#name;
  }

  /** Throws `FormatError` for bytes that are no text, unless the attribute is binary. */
  values(column: string): readonly string[] {
    if (column === nameColumn) return [this.record.dn];
    for (const attribute of attributesOf(this.record))
      if (sameDescription(attribute.description, column)) return this.#told(attribute.values, column);
    return [];
  }

  /** What the entry has values of, as it is written. */
  descriptions(): readonly string[] {
    return attributesOf(this.record).map(({ description }) => description);
  }

  /** An attribute's values as a row tells them. Throws as `values` does. */
  told({ description, values }: LdifAttribute): readonly string[] {
    return this.#told(values, description);
  }

  #told(values: readonly LdifValue[], description: string): readonly string[] {
    if (this.#binary.has(description)) return values.map(toBase64);
    if (areTexts(values)) return values;
    throw new FormatError(
      `line ${this.line}: the record's ${description} is no text; name it among the binary ones`,
    );
  }
}

/** The record's text with other values in some columns, for `Sheet.edit`. A change record is not edited. */
export function editedText(
  row: LdifRow | undefined,
  values: ReadonlyMap<string, readonly string[]>,
  binary: BinaryNames,
): string {
  const given = new Map<string, LdifAttribute>();
  for (const [description, own] of values)
    if (description !== nameColumn) given.set(description.toLowerCase(), encoded(description, own, binary));
  const kept = attributesOf(row?.record).map((one) => {
    const key = one.description.toLowerCase();
    const values = given.get(key)?.values ?? one.values;
    given.delete(key);
    return { description: one.description, values };
  });
  const attributes = [...kept, ...given.values()].filter((one) => one.values.length > 0);
  const dn = values.get(nameColumn)?.[0] ?? row?.record.dn ?? "";
  checkText(nameColumn, dn);
  return writeLdif({ kind: "content", dn, attributes }).slice(0, -1);
}

function attributesOf(record: LdifRecord | undefined): readonly LdifAttribute[] {
  return record?.kind === "content" ? record.attributes : [];
}

function encoded(description: string, values: readonly string[], binary: BinaryNames): LdifAttribute {
  if (!isDescription(description)) throw new ValueError(description, "is no attribute's name; correct it");
  const isBinary = binary.has(description);
  return {
    description,
    values: values.map((value) =>
      isBinary ? fromBase64(description, value) : checkText(description, value),
    ),
  };
}

function checkText(column: string, value: string): string {
  if (value.isWellFormed()) return value;
  throw new ValueError(column, "has characters that no UTF-8 has; take them out");
}

/** A loop, since it is asked for each value that a scan looks at. */
function areTexts(values: readonly LdifValue[]): values is readonly string[] {
  for (const value of values) if (typeof value !== "string") return false;
  return true;
}

function toBase64(value: LdifValue): string {
  return Buffer.from(value as string).toString("base64");
}

function fromBase64(column: string, value: string): Uint8Array {
  const bytes = Buffer.from(value, "base64");
  if (bytes.toString("base64") === value) return bytes;
  throw new ValueError(column, "is binary; give it in base64");
}
