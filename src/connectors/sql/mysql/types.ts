import type { FieldPacket } from "mysql2";
import { StoreError } from "../../errors.ts";
import {
  binaryCodec,
  booleanCodec,
  type Codec,
  dateCodec,
  foldedCodec,
  integerCodec,
  numberCodec,
  textCodec,
  timestampCodec,
  uuidCodec,
} from "../codec.ts";
import type { Column } from "../dialect.ts";

/** What the catalog or a result says of a column. */
export interface MysqlType {
  /** As `information_schema.columns.data_type` spells it. */
  readonly name: string;
  /** Of a number its digits, of `bit` its bits. */
  readonly width: number | undefined;
  readonly unsigned: boolean;
  readonly collation: string | undefined;
}

/** How its values become texts, and what CAST takes for it: of a text column, its collation. */
export function mysqlColumn(type: MysqlType): Pick<Column, "codec" | "type"> {
  if (type.name === "tinyint" && type.width === 1) return { codec: truth, type: "SIGNED" };
  if (type.name === "bit") return { codec: type.width === 1 ? truth : bits, type: "UNSIGNED" };
  const integer = integers[type.name];
  if (integer) return integer(type.unsigned);
  const known = types[type.name];
  if (known) return known;
  const { collation = "utf8mb4_bin" } = type;
  return { codec: collation.endsWith("_ci") ? foldedCodec : textCodec, type: collation };
}

/** What of a number column is sent; MySQL's `tinyint(1)` and `bit(1)` are its booleans. */
const truth: Codec = {
  ...booleanCodec("1", "0"),
  decode: (cell) => String(bytesToNumber(cell) !== 0n),
};

const bits: Codec = {
  ...integerCodec(64),
  decode: (cell) => String(bytesToNumber(cell)),
};

function bytesToNumber(cell: Parameters<Codec["decode"]>[0]): bigint {
  return cell instanceof Uint8Array ? BigInt(`0x0${Buffer.from(cell).toString("hex")}`) : BigInt(cell);
}

/** A cast would make a large number of a negative one. */
const unsignedCodec: Codec = {
  ...integerCodec(65),
  encode(value) {
    const text = integerCodec(65).encode(value);
    if (text.startsWith("-")) throw new StoreError("Invalid", "must not be negative");
    return text;
  },
};

const signed = (width: 16 | 32 | 64) => (unsigned: boolean) =>
  unsigned ? { codec: unsignedCodec, type: "UNSIGNED" } : { codec: integerCodec(width), type: "SIGNED" };

const integers: Readonly<Record<string, ReturnType<typeof signed>>> = {
  tinyint: signed(16),
  smallint: signed(16),
  mediumint: signed(32),
  int: signed(32),
  bigint: signed(64),
  year: signed(16),
};

/** An instant as the server takes it: without a zone, which its session has set to UTC. */
const instant: Codec = {
  ...timestampCodec,
  encode(value) {
    const text = timestampCodec.encode(value);
    const parts = /^(\S{10})[T ]([0-9:]{8})([.][0-9]+)?(Z|[+-]\S+)?$/i.exec(text);
    if (!parts) return text;
    const [, day, time, fraction = "", zone = "Z"] = parts;
    // A day that the calendar has not, as the zero date, is the server's to judge.
    if (/^Z$/i.test(zone)) return `${day} ${time}${fraction}`;
    const offset = /^[+-][0-9]{2}$/.test(zone) ? `${zone}:00` : zone.replace(/^(...)(..)$/, "$1:$2");
    const moment = new Date(`${day}T${time}${offset}`);
    if (Number.isNaN(moment.getTime())) return text;
    return `${moment.toISOString().slice(0, 19).replace("T", " ")}${fraction}`;
  },
};

const binary = { codec: binaryCodec(""), type: "BINARY" };
const double = { codec: numberCodec, type: "DOUBLE" };

const types: Readonly<Record<string, Pick<Column, "codec" | "type">>> = {
  decimal: { codec: numberCodec, type: "DECIMAL(65,30)" },
  float: double,
  double,
  date: { codec: dateCodec, type: "DATE" },
  datetime: { codec: instant, type: "DATETIME(6)" },
  timestamp: { codec: instant, type: "DATETIME(6)" },
  binary,
  varbinary: binary,
  tinyblob: binary,
  blob: binary,
  mediumblob: binary,
  longblob: binary,
  uuid: { codec: uuidCodec, type: "utf8mb4_bin" },
  // MySQL's own; MariaDB's is a text.
  json: { codec: textCodec, type: "JSON" },
};

/** A column of a result, as the protocol describes it ("Protocol::ColumnDefinition"). */
export function resultType(
  { columnType = 0, columnLength, characterSet, flags }: FieldPacket,
  collation: string,
): MysqlType {
  const bytes = characterSet === 63 ? byteTypes[columnType] : undefined;
  return {
    name: bytes ?? typeNames[columnType] ?? "text",
    width: columnLength,
    unsigned: (Number(flags) & 32) !== 0,
    collation,
  };
}

const typeNames: Readonly<Record<number, string>> = {
  0: "decimal",
  1: "tinyint",
  2: "smallint",
  3: "int",
  4: "float",
  5: "double",
  7: "timestamp",
  8: "bigint",
  9: "mediumint",
  10: "date",
  12: "datetime",
  13: "year",
  16: "bit",
  246: "decimal",
};

/** Types that hold texts or, in the character set `binary`, bytes. */
const byteTypes: Readonly<Record<number, string>> = {
  249: "blob",
  250: "blob",
  251: "blob",
  252: "blob",
  253: "varbinary",
  254: "binary",
};
