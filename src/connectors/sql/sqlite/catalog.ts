import type { DatabaseSync } from "node:sqlite";
import type { Relation, RowVersion } from "../database.ts";
import type { Column } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier, tableParts } from "../names.ts";
import { versionOfText } from "../row-version.ts";
import { sqliteCodec, sqliteRefusing } from "./dialect.ts";

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

export function describeTable(database: DatabaseSync, name: string): Relation {
  const [table = "", schema = "main"] = tableParts(name).toReversed();
  const found = database
    .prepare("SELECT type FROM pragma_table_list(?) WHERE schema = ?")
    .get(table, schema) as { type: string } | undefined;
  if (!found) throw new SqlError("Invalid", "Statement", `there is no table ${name}`);
  const rows = database
    .prepare("SELECT * FROM pragma_table_xinfo(?, ?)")
    .all(table, schema) as unknown as ColumnRow[];
  const triggers = database
    .prepare(
      `SELECT count(*) AS n FROM ${quoteIdentifier(schema)}.sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE`,
    )
    .get(table) as { n: number };
  const columns = rows.map((row) => tableColumn(database, name, row, rows));
  // A virtual table is a program.
  const rewrites = found.type === "view" || found.type === "virtual" || triggers.n > 0;
  return {
    columns,
    version: { ...rowHash(columns), ...(rewrites ? {} : { foresee: foresight(columns) }) },
    ...(rewrites ? {} : { dialect: sqliteRefusing }),
    rewrites,
    unique: found.type === "view" ? undefined : uniqueColumns(database, schema, table, rows),
  };
}

/** The columns that a SELECT gives, typed where they are plain columns of a table. */
export function describeQuery(database: DatabaseSync, text: string): Relation {
  const columns = database
    .prepare(`SELECT * FROM (${text}) AS t`)
    .columns()
    .map((column): Column => {
      const type = column.type ?? "";
      const codec = sqliteCodec(type, false);
      return { name: column.name, codec, type, notNull: false, hasDefault: false, generated: false };
    });
  return { columns, version: rowHash(columns), rewrites: true, unique: undefined };
}

function rowHash(columns: readonly Column[]): RowVersion {
  const names = columns.map((column) => quoteIdentifier(column.name));
  return { read: [rowText(names.map((name) => `t.${name}`))], returned: rowText(names), of: versionOfText };
}

/**
 * A JSON array of the row's values, in which no two values look alike: NULL, numbers (of 17 digits), texts. It holds no BLOB, and every column
 * may: they are greater than everything else, and such a row says what its columns hold behind the array.
 */
function rowText(columns: readonly string[]): string {
  const isBlob = (column: string) => `${column} >= x''`;
  const shown = columns.map((column) => `iif(${isBlob(column)}, hex(${column}), ${column})`);
  const types = columns.map((column) => `typeof(${column})`);
  return `CASE WHEN ${columns.map(isBlob).join(" OR ")} THEN json_array(${shown.join(", ")}) || ${types.join(" || ")}
    ELSE json_array(${columns.join(", ")}) END`;
}

/** A text column keeps the text that it is sent, and one without a default NULL: `json_array` writes both as JSON.stringify does. */
function foresight(columns: readonly Column[]): NonNullable<RowVersion["foresee"]> {
  const hasOwn = columns.some(({ hasDefault, generated }) => hasDefault || generated);
  return async (_, { columns: assigned, rows }) => {
    const others = [...assigned.keys()].filter((place) => !keepsText(assigned[place]!));
    if (hasOwn || rows.some((cells) => others.some((place) => cells[place] !== null))) return undefined;
    const places = columns.map((column) => assigned.indexOf(column));
    return rows.map((cells) =>
      versionOfText([JSON.stringify(places.map((at) => (at < 0 ? null : cells[at])))]),
    );
  };
}

/** Affinity TEXT (datatype3.html §3.1), and no bytes. */
function keepsText({ type, codec }: Column): boolean {
  return /CHAR|CLOB|TEXT/i.test(type) && !/INT/i.test(type) && codec.matching !== "binary";
}

function tableColumn(
  database: DatabaseSync,
  table: string,
  row: ColumnRow,
  all: readonly ColumnRow[],
): Column {
  const keys = all.filter((other) => other.pk > 0).length;
  const rowid = row.pk === 1 && keys === 1 && row.type.toUpperCase() === "INTEGER";
  const length = /\((\s*[0-9]+\s*)\)/.exec(row.type)?.[1];
  const limited = length !== undefined && /CHAR|TEXT/i.test(row.type);
  return {
    name: row.name,
    codec: sqliteCodec(row.type, ignoresCase(database, table, row.name)),
    type: row.type,
    notNull: row.notnull === 1,
    hasDefault: row.dflt_value !== null,
    generated: row.hidden > 1 || rowid,
    ...(limited ? { maxLength: Number(length) } : {}),
  };
}

/** No pragma tells a column's collation; a comparison does, since the first SELECT of a compound lends its own. */
function ignoresCase(database: DatabaseSync, table: string, column: string): boolean {
  const quoted = quoteIdentifier(column);
  const from = tableParts(table).map(quoteIdentifier).join(".");
  const text = `SELECT count(*) AS n FROM (SELECT ${quoted} AS c FROM ${from} WHERE 0 UNION ALL SELECT 'a') WHERE c = 'A'`;
  return (database.prepare(text).get() as { n: number }).n === 1;
}

/** Columns with a unique index of their own; one over an expression counts for all, it may be `lower(name)`. */
function uniqueColumns(
  database: DatabaseSync,
  schema: string,
  table: string,
  rows: readonly ColumnRow[],
): ReadonlySet<string> {
  const indexed = database
    .prepare(
      `SELECT min(i.name) AS name FROM pragma_index_list(?, ?) AS l JOIN pragma_index_info(l.name, ?) AS i
       WHERE l."unique" = 1 AND l.partial = 0 GROUP BY l.name HAVING count(*) = 1`,
    )
    .all(table, schema, schema) as unknown as { name: string | null }[];
  const keys = rows.filter((row) => row.pk > 0);
  const names = indexed.flatMap(({ name }) => (name === null ? rows.map((row) => row.name) : [name]));
  return new Set([...names, ...(keys.length === 1 ? keys.map((row) => row.name) : [])]);
}
