import type pg from "pg";
import type { Relation } from "../database.ts";
import type { Column } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { versionGiven } from "../row-version.ts";
import { postgresCodec, typeReference } from "./dialect.ts";

interface ColumnRow {
  readonly name: string;
  readonly type_schema: string;
  readonly type_name: string;
  readonly modifier: string;
  readonly not_null: "t" | "f";
  readonly has_default: "t" | "f";
  readonly generated: "t" | "f";
  readonly case_ignore: "t" | "f";
  readonly is_unique: "t" | "f";
}

/** A domain counts as the type below it, with its own NOT NULL, default and length. */
const columnsOf = `
  SELECT a.attname AS name, n.nspname AS type_schema, b.typname AS type_name,
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier,
    a.attnotnull OR t.typnotnull AS not_null,
    a.atthasdef OR t.typdefault IS NOT NULL AS has_default,
    a.attidentity <> '' OR a.attgenerated <> '' AS generated,
    coalesce(NOT c.collisdeterministic, false) AS case_ignore,
    EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indpred IS NULL
      AND i.indnkeyatts = 1 AND i.indkey[0] IN (0, a.attnum)) AS is_unique
  FROM pg_attribute a
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    JOIN pg_namespace n ON n.oid = b.typnamespace
    LEFT JOIN pg_collation c ON c.oid = a.attcollation
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

const relationOf = `
  SELECT c.oid, c.relkind AS kind,
    c.relhasrules OR EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal) AS rewrites
  FROM pg_class c WHERE c.oid = to_regclass($1)`;

export async function describeTable(client: pg.PoolClient, name: string): Promise<Relation> {
  const { rows } = await client.query<{ oid: string; kind: string; rewrites: "t" | "f" }>(relationOf, [name]);
  const found = rows[0];
  if (!found) throw new SqlError("Invalid", "Statement", `there is no table ${name}, or it may not be seen`);
  const columns = (await client.query<ColumnRow>(columnsOf, [found.oid])).rows;
  const stored = found.kind === "r" || found.kind === "p";
  return {
    columns: columns.map(tableColumn),
    version: stored ? { read: ["t.xmin::text"], returned: "xmin::text", of: versionGiven } : rowHash,
    rewrites: !stored || found.rewrites === "t",
    unique: stored
      ? new Set(columns.filter((row) => row.is_unique === "t").map((row) => row.name))
      : undefined,
  };
}

/** The columns that a SELECT gives, without running it. */
export async function describeQuery(client: pg.PoolClient, text: string): Promise<Relation> {
  const { fields } = await client.query(`SELECT * FROM (${text}) AS t LIMIT 0`);
  const types = await client.query<{ oid: string; schema: string; name: string }>(
    "SELECT t.oid, n.nspname AS schema, t.typname AS name FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY ($1)",
    [fields.map((field) => field.dataTypeID)],
  );
  const byOid = new Map(types.rows.map((row) => [Number(row.oid), row]));
  const columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => {
    const { schema = "pg_catalog", name: type = "text" } = byOid.get(dataTypeID) ?? {};
    return {
      name,
      codec: postgresCodec(type, false),
      type: typeReference(schema, type),
      notNull: false,
      hasDefault: false,
      generated: false,
      ...lengthLimit(type, dataTypeModifier),
    };
  });
  return { columns, version: rowHash, rewrites: true, unique: undefined };
}

const rowHash: Relation["version"] = { read: ["md5(t::text)"], returned: "NULL", of: versionGiven };

function tableColumn(row: ColumnRow): Column {
  return {
    name: row.name,
    codec: postgresCodec(row.type_name, row.case_ignore === "t"),
    type: typeReference(row.type_schema, row.type_name),
    notNull: row.not_null === "t",
    hasDefault: row.has_default === "t",
    generated: row.generated === "t",
    ...lengthLimit(row.type_name, Number(row.modifier)),
  };
}

/** A length is kept four higher in the type's modifier; -1 is none. */
function lengthLimit(type: string, modifier: number): { maxLength?: number } {
  return /^(varchar|bpchar)$/.test(type) && modifier > 4 ? { maxLength: modifier - 4 } : {};
}
