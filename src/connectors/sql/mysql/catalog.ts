import type { FieldPacket } from "mysql2";
import type { Relation, Result, Row } from "../database.ts";
import type { Column, Query } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier, tableParts } from "../names.ts";
import { versionGiven } from "../row-version.ts";
import { hash } from "./dialect.ts";
import { mysqlText } from "./literals.ts";
import { mysqlColumn, resultType } from "./types.ts";

type Ask = (query: Query) => Promise<Result>;

export async function describeTable(ask: Ask, name: string): Promise<Relation> {
  const [table = "", schema] = tableParts(name).toReversed();
  const where = (alias: string) =>
    `${alias}.table_schema = ${schema === undefined ? "DATABASE()" : mysqlText(schema)} AND ${alias}.table_name = ${mysqlText(table)}`;
  const { rows } = await ask({
    text: `SELECT c.column_name, c.data_type, c.column_type, c.collation_name, c.is_nullable, c.column_default, c.extra,
        c.character_maximum_length, t.table_type
      FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE ${where("c")} ORDER BY c.ordinal_position`,
    values: [],
  });
  if (rows.length === 0)
    throw new SqlError("Invalid", "Statement", `there is no table ${name}, or it may not be seen`);
  const stored = rows[0]![8] === "BASE TABLE";
  const columns = rows.map(tableColumn);
  const unique = await ask({
    text: `SELECT max(s.column_name) FROM information_schema.statistics s WHERE ${where("s")} AND s.non_unique = 0
      GROUP BY s.index_name HAVING count(*) = 1 AND count(s.sub_part) = 0`,
    values: [],
  });
  return {
    columns,
    version: stored ? rowHash(columns) : { ...rowHash(columns), returned: "NULL" },
    rewrites: !stored,
    unique: stored ? new Set(unique.rows.map(([column]) => String(column))) : undefined,
  };
}

/** The columns that a SELECT gives. What a text's collation is no result tells, but a function does. */
export async function describeQuery(
  ask: Ask,
  fields: readonly FieldPacket[],
  text: string,
): Promise<Relation> {
  const collations = fields.map(({ name }) => `COLLATION(MAX(t.${quoteIdentifier(name)}))`);
  const { rows } = await ask({
    text: `SELECT ${collations.join(", ")} FROM (SELECT * FROM (${text}) s LIMIT 0) t`,
    values: [],
  });
  const columns = fields.map((field, index): Column => {
    const type = resultType(field, String(rows[0]?.[index] ?? "utf8mb4_bin"));
    const options = { notNull: false, hasDefault: false, generated: false };
    return { name: field.name, ...mysqlColumn(type), ...options };
  });
  const version = { ...rowHash(columns), returned: "NULL" };
  return { columns, version, rewrites: true, unique: undefined };
}

/** As bytes, since no two collations can be joined; with their number, so that no two rows give the same. */
function rowHash(columns: readonly Column[]): Relation["version"] {
  const cell = (name: string) => `COALESCE(CONCAT(LENGTH(${name}), ':', CAST(${name} AS BINARY)), '-')`;
  const row = (qualifier: string) =>
    hash(`CONCAT(${columns.map(({ name }) => cell(`${qualifier}${quoteIdentifier(name)}`)).join(", ")})`);
  return { read: [row("t.")], returned: row(""), of: versionGiven };
}

function tableColumn([name, dataType, columnType, collation, nullable, preset, extra, length]: Row): Column {
  const type = String(columnType);
  const width = /\(([0-9]+)/.exec(type)?.[1];
  const text = /char/.test(String(dataType));
  return {
    name: String(name),
    ...mysqlColumn({
      name: String(dataType),
      width: width === undefined ? undefined : Number(width),
      unsigned: type.includes("unsigned"),
      collation: collation === null ? undefined : String(collation),
    }),
    notNull: nullable === "NO",
    // MariaDB spells a default of NULL out.
    hasDefault: preset !== null && preset !== "NULL",
    // MySQL's DEFAULT_GENERATED is a default only.
    generated: /auto_increment|(virtual|stored|persistent) generated/i.test(String(extra)),
    ...(text && length !== null ? { maxLength: Number(length) } : {}),
  };
}
