import type { Codec } from "../codec.ts";
import {
  binaryCodec,
  booleanCodec,
  foldedCodec,
  integerCodec,
  numberCodec,
  textCodec,
  timestampCodec,
} from "../codec.ts";
import type { Dialect, ListSyntax } from "../dialect.ts";
import { quoteInJson, quoteText } from "../names.ts";
import { type Relations, relationLookUp } from "../relations.ts";
import { relationWrites } from "../writes.ts";

/** By the declared type, as SQLite finds a column's affinity (datatype3.html §3.1). */
const rules: readonly (readonly [pattern: RegExp, codec: Codec])[] = [
  [/BOOL/i, booleanCodec("1", "0")],
  [/DATETIME|TIMESTAMP/i, timestampCodec],
  [/INT/i, integerCodec(64)],
  [/BLOB|BINARY/i, binaryCodec("")],
  [/REAL|FLOA|DOUB|NUMERIC|DECIMAL/i, numberCodec],
];

export function sqliteCodec(declaredType: string, caseIgnore: boolean): Codec {
  const known = rules.find(([pattern]) => pattern.test(declaredType))?.[1] ?? textCodec;
  return known === textCodec && caseIgnore ? foldedCodec : known;
}

/** Lists are JSON arrays here; `list` makes one of what the column holds, `join` puts it back. */
function lists(list: (column: string) => string, join: (list: string) => string): ListSyntax {
  const without = (column: string, value: string) =>
    `(SELECT json_group_array(value) FROM json_each(${list(column)}) WHERE value <> ${value})`;
  return {
    rows: (column) => `json_each(${list(column)}) AS u`,
    element: "u.value",
    has: (column, value) => `${value} IN (SELECT value FROM json_each(${list(column)}))`,
    add: (column, value) => join(`json_insert(${list(column)}, '$[#]', ${value})`),
    remove: (column, value) => join(without(column, value)),
  };
}

const relations: Relations = {
  relation(rows, width) {
    const columns = Array.from({ length: width }, (_, index) => `value ->> ${index} AS rollcall_${index}`);
    const text = `(SELECT ${["key + 1 AS rollcall_n", ...columns].join(", ")} FROM json_each(?)) AS q`;
    return { text, values: [JSON.stringify(rows)] };
  },
  cast: (expression, column) => (column.codec.matching === "binary" ? `unhex(${expression})` : expression),
  // The column stands on the left, so that its affinity and collation decide.
  equals: (expression, value, column) =>
    `${expression} = ${column.codec.matching === "binary" ? `unhex(${value})` : value}`,
};

export const sqliteDialect: Dialect = {
  ...relationWrites(relations),
  lookUp: relationLookUp(relations),
  cast: relations.cast,
  columnNames: "caseIgnore",
  batch: 1_000,
  placeholder: () => "?",
  bare: (expression, column) => (column?.codec.matching === "binary" ? `unhex(${expression})` : expression),
  pack: (values) => JSON.stringify(values),
  unpack: (cell) => {
    const list: unknown = JSON.parse(String(cell));
    return Array.isArray(list) ? list.map(String) : [];
  },
  membersVersion: undefined,
  lockRows: "",
  now: "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
  lists: {
    array: lists(
      (column) => `coalesce(nullif(${column}, ''), '[]')`,
      (list) => list,
    ),
    delimited: (delimiter) =>
      lists(
        (column) =>
          `CASE WHEN coalesce(${column}, '') = '' THEN '[]' ELSE '[' || replace(json_quote(${column}), ${quoteInJson(delimiter)}, '","') || ']' END`,
        (list) => `nullif((SELECT group_concat(value, ${quoteText(delimiter)}) FROM json_each(${list})), '')`,
      ),
  },
};

/**
 * Of a table whose constraints only refuse, whatever they say: its ON CONFLICT REPLACE would take a row away for another one, and nobody would be
 * told. A trigger's own would be overridden, too (lang_conflict.html).
 */
export const sqliteRefusing: Dialect = { ...sqliteDialect, ...relationWrites(relations, " OR ABORT") };
