import type { Matching } from "../../core/model/values.ts";
import { StoreError } from "../errors.ts";

/** What a driver gives and takes: PostgreSQL's texts, SQLite's own types. */
export type Cell = string | number | bigint | Uint8Array | null;

/** How one column's values become the model's texts and back. Pure. */
export interface Codec {
  readonly matching: Matching;
  /** The column holds a list. */
  readonly multiValued: boolean;
  /** The model's text as the text that the database is sent; throws `Invalid` for what the column cannot hold. */
  encode(value: string): string;
  decode(cell: Exclude<Cell, null>): string;
}

/** Every other type: the database's own text. */
export const textCodec: Codec = codec("caseExact", wellFormed);
export const foldedCodec: Codec = codec("caseIgnore", wellFormed);
/** Fixed-length `char(n)` comes back padded. */
export const paddedCodec: Codec = codec("caseExact", wellFormed, (text) => text.replace(/ +$/, ""));
export const uuidCodec: Codec = codec("caseIgnore", checked(/^\{?[0-9a-f-]{32,36}\}?$/i, "a UUID"));
export const numberCodec: Codec = codec(
  "caseExact",
  checked(/^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)(e[+-]?[0-9]+)?$|^NaN$|^-?Infinity$/i, "a number"),
  plainDecimal,
);
export const dateCodec: Codec = codec("caseExact", checked(/^[0-9]{4,6}-[0-9]{2}-[0-9]{2}$/, "a day"));
export const timestampCodec: Codec = codec(
  "caseExact",
  checked(/^[0-9]{4,6}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?$/i, "an instant"),
  rfc3339,
);

export function integerCodec(bits: number): Codec {
  const limit = 2n ** BigInt(bits - 1);
  const digits = checked(/^[+-]?[0-9]{1,30}$/, "an integer");
  return codec("integer", (value) => {
    const number = BigInt(digits(value).replace(/^\+/, ""));
    if (number < -limit || number >= limit)
      throw new StoreError("Invalid", `must be an integer of ${bits} bits`);
    return String(number);
  });
}

/** `yes` and `no` are how the database is told. */
export function booleanCodec(yes: string, no: string): Codec {
  const truths = new Set(["t", "1", "true"]);
  return codec(
    "boolean",
    (value) => (checked(/^(true|false)$/i, "true or false")(value).toLowerCase() === "true" ? yes : no),
    (text) => String(truths.has(text.toLowerCase())),
  );
}

/** Sent as `prefix` and hexadecimal digits; read as bytes or as such a text. */
export function binaryCodec(prefix: string): Codec {
  const base64 = checked(/^[A-Za-z0-9+/]*={0,2}$/, "base64");
  return {
    matching: "binary",
    multiValued: false,
    encode: (value) => prefix + Buffer.from(base64(value), "base64").toString("hex"),
    decode: (cell) => {
      if (cell instanceof Uint8Array) return Buffer.from(cell).toString("base64");
      const text = String(cell);
      const hex = prefix !== "" && text.startsWith(prefix);
      return Buffer.from(hex ? text.slice(prefix.length) : text, hex ? "hex" : "utf8").toString("base64");
    },
  };
}

/** A column with a list of such values, which the dialect packs and unpacks. */
export function listCodec(element: Codec): Codec {
  return { ...element, multiValued: true };
}

function codec(
  matching: Matching,
  encode: (value: string) => string,
  decode: (text: string) => string = (text) => text,
): Codec {
  return { matching, multiValued: false, encode, decode: (cell) => decode(cellText(cell)) };
}

/** A cell of whatever storage class as text: SQLite lets any value stand in any column. */
function cellText(cell: Exclude<Cell, null>): string {
  if (typeof cell === "string") return cell;
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString("utf8");
  return String(cell);
}

function checked(pattern: RegExp, what: string): (value: string) => string {
  return (value) => {
    if (!pattern.test(value)) throw new StoreError("Invalid", `must be ${what}`);
    return value;
  };
}

/** Neither database keeps a NUL in every text, and a lone surrogate would silently become U+FFFD. */
function wellFormed(value: string): string {
  if (value.includes("\0")) throw new StoreError("Invalid", "must not hold a NUL character");
  if (!value.isWellFormed()) throw new StoreError("Invalid", "must be well-formed Unicode");
  return value;
}

/** One text for one number: `1.50` and `1.5` would otherwise differ for ever. */
function plainDecimal(text: string): string {
  const expanded = /e/i.test(text) ? expandExponent(text) : text;
  return expanded.includes(".") ? expanded.replace(/[.]?0+$/, "") : expanded;
}

function expandExponent(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)([0-9]*)[.]?([0-9]*)e([+-]?[0-9]+)$/i.exec(text) ?? [];
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.slice(0, point).padEnd(point, "0")}.${digits.slice(point) || "0"}`;
}

/** PostgreSQL's `2026-03-31 17:00:00.5+00` and SQLite's `2026-03-31 17:00:00` as RFC 3339 in UTC. */
function rfc3339(text: string): string {
  const parts = /^([0-9]+-[0-9]{2}-[0-9]{2})[T ]([0-9:]+)([.][0-9]+)?(Z|[+-]00(?::?00)?)?$/i.exec(text);
  if (!parts) return text;
  const fraction = (parts[3] ?? "").replace(/[.]?0+$/, "");
  return `${parts[1]}T${parts[2]}${fraction}Z`;
}
