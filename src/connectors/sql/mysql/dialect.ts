import type { Column, Dialect, ListSyntax } from "../dialect.ts";
import { quoteInJson, quoteText } from "../names.ts";
import { type Relations, relationLookUp } from "../relations.ts";
import { mysqlText } from "./literals.ts";
import { mysqlWrites } from "./writes.ts";

const text = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

/** Of bytes or a text. MySQL 9.6 has SHA1 and MD5 no more, unless a component is there ("component_classic_hashing"). */
export const hash = (value: string): string => `SHA2(${value}, 256)`;

const relations: Relations = {
  relation(rows, width) {
    const columns = Array.from(
      { length: width },
      (_, index) => `rollcall_${index} ${text} PATH '$[${index}]'`,
    );
    const list = ["rollcall_n FOR ORDINALITY", ...columns].join(", ");
    return {
      text: `JSON_TABLE(${mysqlText(JSON.stringify(rows))}, '$[*]' COLUMNS (${list})) AS q`,
      values: [],
    };
  },
  cast: (expression, column) => {
    if (column.type === "BINARY") return `UNHEX(${expression})`;
    // A document is made of the text that it is given.
    return isText(column) || column.type === "JSON" ? expression : `CAST(${expression} AS ${column.type})`;
  },
  // Both sides get the column's own collation, so that its index is used and its rule decides.
  equals: (expression, value, column) => {
    // And it is never equal to a text.
    if (column.type === "JSON")
      return `${expression} = CASE WHEN JSON_VALID(${value}) THEN CAST(${value} AS JSON) END`;
    if (!isText(column)) return `${expression} = ${relations.cast(value, column)}`;
    const characters = column.type.split("_")[0]!;
    if (characters === "utf8mb4") return `${expression} = ${value} COLLATE ${column.type}`;
    const narrow = `CONVERT(${value} USING ${characters})`;
    // What the column cannot hold would become a question mark, and equal one.
    const lossless = `CONVERT(${narrow} USING utf8mb4) COLLATE utf8mb4_bin = ${value}`;
    return `(${expression} = ${narrow} COLLATE ${column.type} AND ${lossless})`;
  },
};

/** A text column's type is its collation. */
function isText(column: Column): boolean {
  return column.type.includes("_");
}

/** Lists are JSON arrays here; `list` makes one of what the column holds, `join` puts the values `u.e` back together. */
function lists(list: (column: string) => string, join: string): ListSyntax {
  const rows = (source: string) =>
    `JSON_TABLE(${source}, '$[*]' COLUMNS (n FOR ORDINALITY, e ${text} PATH '$')) AS u`;
  const joined = (source: string, where = "") => `(SELECT ${join} FROM ${rows(source)}${where})`;
  return {
    rows: (column) => rows(list(column)),
    element: "u.e",
    has: (column, value) => `JSON_CONTAINS(${list(column)}, JSON_QUOTE(${value}))`,
    add: (column, value) => joined(`JSON_ARRAY_APPEND(${list(column)}, '$', ${value})`),
    remove: (column, value) => joined(list(column), ` WHERE u.e <> ${value}`),
  };
}

function dialect(returning: boolean): Dialect {
  return {
    ...mysqlWrites(relations, returning),
    lookUp: relationLookUp(relations),
    cast: relations.cast,
    columnNames: "caseIgnore",
    batch: 2_000,
    placeholder: () => "?",
    // Digits are bytes to a `bit` column, and large ones are rounded when they are compared as texts. As a parameter MySQL does not take
    // them for a text by itself, and finds those beyond 63 bits too large.
    bare: (expression, column) =>
      column && /^(BINARY|SIGNED|UNSIGNED)$/.test(column.type)
        ? relations.cast(`CAST(${expression} AS CHAR)`, column)
        : expression,
    pack: (values) => JSON.stringify(values),
    unpack: (cell) => {
      const list: unknown = JSON.parse(String(cell));
      return Array.isArray(list) ? list.map(String) : [];
    },
    membersVersion: (key) =>
      `CONCAT(COUNT(*), '.', SUM(CAST(CONV(LEFT(${hash(key)}, 15), 16, 10) AS UNSIGNED)))`,
    // MySQL cannot lock the relation (3569), and is told what to lock; to MariaDB, which has no OF, this is a comment.
    lockRows: " FOR UPDATE /*!80000 OF t */",
    now: "CURRENT_TIMESTAMP(6)",
    lists: {
      array: lists(
        (column) => `COALESCE(NULLIF(${column}, ''), '[]')`,
        "COALESCE(CONCAT('[', GROUP_CONCAT(JSON_QUOTE(u.e) ORDER BY u.n), ']'), '[]')",
      ),
      delimited: (delimiter) =>
        lists(
          (column) =>
            `CASE WHEN COALESCE(${column}, '') = '' THEN '[]' ELSE CONCAT('[', REPLACE(JSON_QUOTE(${column}), ${quoteInJson(delimiter)}, '","'), ']') END`,
          `GROUP_CONCAT(u.e ORDER BY u.n SEPARATOR ${quoteText(delimiter)})`,
        ),
    },
  };
}

/** MariaDB 10.6 or later, which has JSON_TABLE. */
export const mariadbDialect = dialect(true);
/** MySQL 8 or later. */
export const mysqlDialect = dialect(false);
