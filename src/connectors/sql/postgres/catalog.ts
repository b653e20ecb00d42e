import type pg from "pg";
import type { Cell } from "../codec.ts";
import type { Relation, Result, Row, RowVersion } from "../database.ts";
import type { Column, Query } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { versionGiven } from "../row-version.ts";
import { arrayLiteral, postgresCodec, typeReference } from "./dialect.ts";

type Ask = (query: Query) => Promise<Result>;

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

const rewriting =
  "c.relhasrules OR EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal)";

const relationOf = `
  SELECT c.oid, c.relkind AS kind, ${rewriting} AS rewrites
  FROM pg_class c WHERE c.oid = to_regclass($1)`;

/** The transaction, unless the table was given a trigger since it was looked at. A savepoint has a number of its own. */
const transactionOf = `SELECT pg_current_xact_id()::xid::text FROM pg_class c WHERE c.oid = $1 AND NOT (${rewriting})`;

export async function describeTable(ask: Ask, name: string): Promise<Relation> {
  const [found] = (await ask({ text: relationOf, values: [name] })).rows;
  if (!found) throw new SqlError("Invalid", "Statement", `there is no table ${name}, or it may not be seen`);
  const [oid, kind, rewrites] = found;
  const { rows } = await ask({ text: columnsOf, values: [oid!] });
  const columns = rows.map(tableColumn);
  const stored = kind === "r" || kind === "p";
  // A partition may be in another database and have triggers of its own; what is put into it comes back without its transaction.
  const plain = kind === "r";
  return {
    columns,
    version: !plain
      ? rowHash
      : rewrites === "t"
        ? rowTransaction
        : { ...rowTransaction, foresee: foresight(oid!) },
    rewrites: !plain || rewrites === "t",
    unique: stored ? new Set(columns.filter((_, at) => rows[at]!.at(-1) === "t").map(nameOf)) : undefined,
  };
}

/** The columns that a SELECT gives, by what its result says of them. */
export async function describeQuery(ask: Ask, fields: readonly pg.FieldDef[]): Promise<Relation> {
  const { rows } = await ask({
    text: "SELECT t.oid, n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY ($1::oid[])",
    values: [arrayLiteral(fields.map((field) => String(field.dataTypeID)))],
  });
  const byOid = new Map(rows.map(([oid, schema, name]) => [Number(oid), [String(schema), String(name)]]));
  const columns = fields.map(({ name, dataTypeID, dataTypeModifier }) => {
    const [schema = "pg_catalog", type = "text"] = byOid.get(dataTypeID) ?? [];
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

/** What wrote the row as it is now (PostgreSQL §5.6, "System Columns"). */
const rowTransaction: RowVersion = { read: ["t.xmin::text"], returned: "xmin::text", of: versionGiven };

/** Other types than these write a name in their own way. */
function foresight(oid: Cell): NonNullable<RowVersion["foresee"]> {
  return async (session, { key, rows }) => {
    const keeps = key.maxLength === undefined && /^"pg_catalog"."(text|varchar)"$/.test(key.type);
    if (!keeps || session.mode !== "Whole") return undefined;
    const [found] = (await session.query({ text: transactionOf, values: [oid] })).rows;
    return found && rows.map(() => versionGiven(found));
  };
}

const rowHash: Relation["version"] = { read: ["md5(t::text)"], returned: "NULL", of: versionGiven };

function tableColumn(row: Row): Column {
  const [name, schema, type, modifier, notNull, hasDefault, generated, caseIgnore] = row.map(String);
  return {
    name: name!,
    codec: postgresCodec(type!, caseIgnore === "t"),
    type: typeReference(schema!, type!),
    notNull: notNull === "t",
    hasDefault: hasDefault === "t",
    generated: generated === "t",
    ...lengthLimit(type!, Number(modifier)),
  };
}

function nameOf({ name }: Column): string {
  return name;
}

/** A length is kept four higher in the type's modifier; -1 is none. */
function lengthLimit(type: string, modifier: number): { maxLength?: number } {
  return /^(varchar|bpchar)$/.test(type) && modifier > 4 ? { maxLength: modifier - 4 } : {};
}
