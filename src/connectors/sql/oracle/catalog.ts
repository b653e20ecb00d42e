import { StoreError } from "../../errors.ts";
import { binaryCodec, type Codec, numberCodec, paddedCodec, textCodec, timestampCodec } from "../codec.ts";
import type { Relation, Result } from "../database.ts";
import type { Column, Query } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier, tableParts } from "../names.ts";
import { odbcTimestampCodec } from "../odbc/timestamp.ts";
import { versionOfCells } from "../row-version.ts";
import type { OracleColumn } from "./driver.ts";

/** Oracle takes an empty text for NULL, so that it would be drift for ever. */
function filled(codec: Codec): Codec {
  return {
    ...codec,
    encode(value) {
      if (value === "")
        throw new StoreError("Invalid", "must not be empty: Oracle takes an empty text for none");
      return codec.encode(value);
    },
  };
}

/** As the session's formats have instants: a DATE without a fraction of a second, a TIMESTAMP with one. */
function instantCodec(fraction: boolean): Codec {
  return {
    ...timestampCodec,
    encode(value) {
      const [day = "", time = "00:00:00"] = odbcTimestampCodec.encode(value).split(" ");
      const [whole = "", part = "0"] = time.split(".");
      return `${day}T${whole}${fraction ? `.${part}` : ""}Z`;
    },
  };
}

const codecs: readonly (readonly [pattern: RegExp, codec: Codec])[] = [
  [/^(NUMBER|FLOAT|BINARY_)/, numberCodec],
  [/^DATE/, instantCodec(false)],
  [/^TIMESTAMP/, instantCodec(true)],
  [/^(RAW|LONG RAW|BLOB)/, binaryCodec("")],
  [/^N?CHAR/, filled(paddedCodec)],
];

export function oracleCodec(type: string): Codec {
  return codecs.find(([pattern]) => pattern.test(type))?.[1] ?? filled(textCodec);
}

const columnsOf = `
  SELECT c.COLUMN_NAME, c.DATA_TYPE, c.CHAR_LENGTH, c.NULLABLE, c.DEFAULT_LENGTH, c.VIRTUAL_COLUMN, c.IDENTITY_COLUMN,
    (SELECT COUNT(*) FROM ALL_INDEXES i JOIN ALL_IND_COLUMNS k ON k.INDEX_OWNER = i.OWNER AND k.INDEX_NAME = i.INDEX_NAME
      WHERE i.TABLE_OWNER = c.OWNER AND i.TABLE_NAME = c.TABLE_NAME AND i.UNIQUENESS = 'UNIQUE' AND k.COLUMN_NAME = c.COLUMN_NAME
        AND 1 = (SELECT COUNT(*) FROM ALL_IND_COLUMNS o WHERE o.INDEX_OWNER = i.OWNER AND o.INDEX_NAME = i.INDEX_NAME)),
    (SELECT COUNT(*) FROM ALL_TABLES o WHERE o.OWNER = c.OWNER AND o.TABLE_NAME = c.TABLE_NAME)
  FROM ALL_TAB_COLS c
  WHERE c.TABLE_NAME = :1 AND c.OWNER = NVL(:2, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND c.HIDDEN_COLUMN = 'NO'
  ORDER BY c.COLUMN_ID`;

export async function describeTable(
  query: (query: Query) => Promise<Result>,
  name: string,
): Promise<Relation> {
  const [table = "", owner = null] = tableParts(name).toReversed();
  const { rows } = await query({ text: columnsOf, values: [table, owner] });
  if (rows.length === 0)
    throw new SqlError(
      "Invalid",
      "Statement",
      `there is no table ${name}, or it may not be seen; Oracle's names are in capitals unless they were quoted`,
    );
  const columns = rows.map(([column, type, length, nullable, fallback, virtual, identity]): Column => {
    const words = String(type);
    return {
      name: String(column),
      codec: oracleCodec(words),
      type: words,
      notNull: nullable === "N",
      hasDefault: fallback !== null,
      generated: virtual === "YES" || identity === "YES",
      ...(/CHAR/.test(words) ? { maxLength: Number(length) } : {}),
    };
  });
  const unique = new Set(rows.filter((row) => Number(row[7]) > 0).map((row) => String(row[0])));
  return relation(columns, Number(rows[0]![8]) > 0 ? unique : undefined);
}

export function describeQuery(columns: readonly OracleColumn[]): Relation {
  return relation(
    columns.map(({ name, dbTypeName }) => ({
      name,
      codec: oracleCodec(dbTypeName),
      type: dbTypeName,
      notNull: false,
      hasDefault: false,
      generated: false,
    })),
    undefined,
  );
}

function relation(columns: readonly Column[], unique: Relation["unique"]): Relation {
  const read = columns.map(({ name }) => `t.${quoteIdentifier(name)}`);
  return { columns, version: { read, returned: "", of: versionOfCells }, rewrites: true, unique };
}
