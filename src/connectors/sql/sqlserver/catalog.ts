import {
  binaryCodec,
  booleanCodec,
  type Codec,
  dateCodec,
  foldedCodec,
  integerCodec,
  numberCodec,
  paddedCodec,
  textCodec,
  timestampCodec,
  uuidCodec,
} from "../codec.ts";
import type { Relation, Result } from "../database.ts";
import type { Column, Query } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier } from "../names.ts";
import { versionOfCells } from "../row-version.ts";
import type { TediousColumn } from "./driver.ts";

const codecs: readonly (readonly [pattern: RegExp, codec: Codec])[] = [
  [/^bit/, booleanCodec("1", "0")],
  [/^tinyint|^smallint/, integerCodec(16)],
  [/^bigint/, integerCodec(64)],
  [/^int/, integerCodec(32)],
  [/^(decimal|numeric|money|smallmoney|float|real)/, numberCodec],
  [/^date$|^daten$/, dateCodec],
  [/^(datetime|smalldatetime)/, timestampCodec],
  [/^uniqueidentifier/, uuidCodec],
  [/^(varbinary|binary|image|timestamp|rowversion)/, binaryCodec("")],
];

/** By the type's name and the column's collation, such as `Latin1_General_CI_AS`. */
export function sqlServerCodec(type: string, collation: string | null): Codec {
  const known = codecs.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1];
  if (known) return known;
  if (/^n?char$/.test(type)) return paddedCodec;
  return collation !== null && /_CI(_|$)/.test(collation) ? foldedCodec : textCodec;
}

const columnsOf = `
  SELECT c.name, t.name, c.max_length, c.is_nullable, c.default_object_id, c.is_identity, c.is_computed, c.collation_name,
    CASE WHEN EXISTS (SELECT 1 FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
      WHERE i.object_id = c.object_id AND i.is_unique = 1 AND i.has_filter = 0 AND k.column_id = c.column_id
        AND 1 = (SELECT COUNT(*) FROM sys.index_columns o WHERE o.object_id = i.object_id AND o.index_id = i.index_id AND o.is_included_column = 0)
    ) THEN 1 ELSE 0 END,
    OBJECTPROPERTY(c.object_id, 'IsUserTable')
  FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id
  WHERE c.object_id = OBJECT_ID(@p1) ORDER BY c.column_id`;

export async function describeTable(
  query: (query: Query) => Promise<Result>,
  name: string,
): Promise<Relation> {
  const { rows } = await query({ text: columnsOf, values: [name] });
  if (rows.length === 0)
    throw new SqlError("Invalid", "Statement", `there is no table ${name}, or it may not be seen`);
  const columns = rows.map(
    ([column, type, length, nullable, fallback, identity, computed, collation]): Column => {
      const words = String(type);
      const size = Number(length) / (words.startsWith("n") ? 2 : 1);
      return {
        name: String(column),
        codec: sqlServerCodec(words, collation === null ? null : String(collation)),
        type: words,
        notNull: String(nullable) === "false",
        hasDefault: Number(fallback) > 0,
        generated: String(identity) === "true" || String(computed) === "true",
        ...(/char$/.test(words) && size > 0 ? { maxLength: size } : {}),
      };
    },
  );
  const unique = new Set(rows.filter((row) => Number(row[8]) === 1).map((row) => String(row[0])));
  return relation(columns, Number(rows[0]![9]) === 1 ? unique : undefined);
}

export function describeQuery(columns: readonly TediousColumn[]): Relation {
  return relation(
    columns.map(({ colName, type }) => ({
      name: colName,
      codec: sqlServerCodec(type.name, null),
      type: type.name,
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
