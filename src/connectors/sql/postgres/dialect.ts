import type { Codec } from "../codec.ts";
import {
  binaryCodec,
  booleanCodec,
  dateCodec,
  foldedCodec,
  integerCodec,
  listCodec,
  numberCodec,
  paddedCodec,
  textCodec,
  timestampCodec,
  uuidCodec,
} from "../codec.ts";
import type { Column, Dialect, ListSyntax, Write } from "../dialect.ts";
import { quoteIdentifier, quoteText } from "../names.ts";
import { type Relations, relationLookUp } from "../relations.ts";
import { relationWrites } from "../writes.ts";
import { encodeCopy } from "./copy.ts";

const codecs: Readonly<Record<string, Codec>> = {
  int2: integerCodec(16),
  int4: integerCodec(32),
  int8: integerCodec(64),
  numeric: numberCodec,
  float4: numberCodec,
  float8: numberCodec,
  bool: booleanCodec("true", "false"),
  bytea: binaryCodec("\\x"),
  bpchar: paddedCodec,
  citext: foldedCodec,
  uuid: uuidCodec,
  date: dateCodec,
  timestamp: timestampCodec,
  timestamptz: timestampCodec,
};

/** By `pg_type.typname`; an array's begins with an underscore. */
export function postgresCodec(typeName: string, caseIgnore: boolean): Codec {
  if (typeName.startsWith("_")) return listCodec(postgresCodec(typeName.slice(1), caseIgnore));
  const known = codecs[typeName] ?? textCodec;
  return known === textCodec && caseIgnore ? foldedCodec : known;
}

const array: ListSyntax = {
  rows: (column) => `unnest(${column}) AS u(e)`,
  element: "u.e",
  has: (column, value) => `coalesce(${value} = ANY (${column}), false)`,
  add: (column, value) => `array_append(${column}, ${value})`,
  remove: (column, value) => `array_remove(${column}, ${value})`,
};

const relations: Relations = {
  relation(rows, width) {
    const columns = Array.from({ length: width }, (_, index) => index);
    const items = columns.map((index) => `$${index + 1}::text[]`);
    const names = columns.map((index) => `rollcall_${index}`);
    return {
      text: `unnest(${items.join(", ")}) WITH ORDINALITY AS q(${[...names, "rollcall_n"].join(", ")})`,
      values: columns.map((index) => arrayLiteral(rows.map((row) => row[index] ?? null))),
    };
  },
  cast: (expression, column) => `${expression}::${column.type}`,
  equals: (expression, value, column) => {
    if (column.codec.multiValued) return `${value} = ANY (${expression}::text[])`;
    return column.codec === textCodec && !textTypes.test(column.type)
      ? `${expression}::text = ${value}`
      : `${expression} = ${value}::${column.type}`;
  },
};

const writes = relationWrites(relations);

export const postgresDialect: Dialect = {
  ...writes,
  // COPY is the quickest, and says nothing of what it made.
  insert: (table, columns, rows, options) =>
    options.returned === undefined && !options.skipTaken
      ? [copyWrite(table, columns, rows)]
      : writes.insert(table, columns, rows, options),
  lookUp: relationLookUp(relations),
  cast: relations.cast,
  columnNames: "caseExact",
  batch: 2_000,
  placeholder: (position) => `$${position}`,
  bare: (expression) => expression,
  pack: (values) => arrayLiteral(values),
  unpack: (cell) => parseArray(String(cell)),
  membersVersion: (key) => `count(*) || '.' || sum(hashtextextended(${key}::text, 0))`,
  lockRows: " FOR UPDATE OF t",
  now: "now()",
  lists: { array, delimited },
};

function copyWrite(
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
): Write {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const text = `COPY ${table} (${names}) FROM STDIN`;
  return { text, values: [], input: encodeCopy(rows), rows: rows.length };
}

function delimited(delimiter: string): ListSyntax {
  const split = (column: string) => `string_to_array(${column}, ${quoteText(delimiter)})`;
  const join = (list: string) => `nullif(array_to_string(${list}, ${quoteText(delimiter)}), '')`;
  return {
    rows: (column) => array.rows(split(column)),
    element: array.element,
    has: (column, value) => array.has(split(column), value),
    add: (column, value) => join(array.add(split(column), value)),
    remove: (column, value) => join(array.remove(split(column), value)),
  };
}

/** Types that compare as texts do. Others without a codec of their own (inet, enums, json) are compared by their text. */
const textTypes = /"(text|varchar|name|bpchar|citext)"$/;

/** An array literal (PostgreSQL §8.15.2), every element quoted. */
export function arrayLiteral(values: readonly (string | null)[]): string {
  const element = (value: string | null) => {
    if (value === null) return "NULL";
    return escapes.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : `"${value}"`;
  };
  return `{${values.map(element).join(",")}}`;
}

const escapes = /["\\]/;

/** The elements of a one-dimensional array literal; NULLs are no values. */
export function parseArray(literal: string): string[] {
  const elements: string[] = [];
  const body = literal.slice(literal.indexOf("{") + 1, literal.lastIndexOf("}"));
  for (const [, quoted, plain] of body.matchAll(/"((?:[^"\\]|\\.)*)"|([^,{}]+)/gs)) {
    if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/gs, "$1"));
    else if (plain !== undefined && plain.toUpperCase() !== "NULL") elements.push(plain);
  }
  return elements;
}

/** The type of a column for a cast, quoted. */
export function typeReference(schema: string, name: string): Column["type"] {
  return `"${schema}"."${name}"`;
}
