import type { Call } from "../../contract.ts";
import {
  binaryCodec,
  booleanCodec,
  type Cell,
  type Codec,
  dateCodec,
  foldedCodec,
  integerCodec,
  numberCodec,
  paddedCodec,
  textCodec,
  uuidCodec,
} from "../codec.ts";
import type { Relation } from "../database.ts";
import type { Column } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier, tableParts } from "../names.ts";
import { versionOfCells } from "../row-version.ts";
import { withCaseRules } from "./case.ts";
import type { OdbcProcess } from "./process.ts";
import type { Rows } from "./protocol.ts";
import { odbcTimestampCodec } from "./timestamp.ts";
import { sqlTypes } from "./whole.ts";

/** By the name that the database has for a type, where its number says less. */
const byName: readonly (readonly [pattern: RegExp, codec: Codec])[] = [
  [/^bool/i, booleanCodec("1", "0")],
  [/^citext$/i, foldedCodec],
  [/^uuid$/i, uuidCodec],
];

const byType: Readonly<Record<number, Codec>> = {
  [sqlTypes.bit]: booleanCodec("1", "0"),
  [sqlTypes.tinyint]: integerCodec(16),
  [sqlTypes.smallint]: integerCodec(16),
  [sqlTypes.integer]: integerCodec(32),
  [sqlTypes.bigint]: integerCodec(64),
  [sqlTypes.numeric]: numberCodec,
  [sqlTypes.decimal]: numberCodec,
  [sqlTypes.float]: numberCodec,
  [sqlTypes.real]: numberCodec,
  [sqlTypes.double]: numberCodec,
  [sqlTypes.char]: paddedCodec,
  [sqlTypes.wchar]: paddedCodec,
  [sqlTypes.binary]: binaryCodec(""),
  [sqlTypes.varbinary]: binaryCodec(""),
  [sqlTypes.longVarbinary]: binaryCodec(""),
  [sqlTypes.date]: dateCodec,
  [sqlTypes.timestamp]: odbcTimestampCodec,
  [sqlTypes.guid]: uuidCodec,
};

const integers: readonly number[] = [sqlTypes.integer, sqlTypes.bigint];
const limited: readonly number[] = [sqlTypes.char, sqlTypes.varchar, sqlTypes.wchar, sqlTypes.wvarchar];

function odbcCodec(type: number, name: string): Codec {
  return byName.find(([pattern]) => pattern.test(name))?.[1] ?? byType[type] ?? textCodec;
}

export async function describeTable(connection: OdbcProcess, name: string, call: Call): Promise<Relation> {
  const [table = "", schema] = tableParts(name).toReversed();
  const ask = async (what: "columns" | "keys") =>
    records(await connection.ask({ do: what, table, schema }, call.signal));
  // The driver takes names for patterns.
  const own = (await ask("columns")).filter(
    (row) =>
      row.TABLE_NAME === table && (schema === undefined || [row.TABLE_SCHEM, row.TABLE_CAT].includes(schema)),
  );
  const places = new Set(own.map((row) => JSON.stringify([row.TABLE_CAT, row.TABLE_SCHEM])));
  if (own.length === 0)
    throw new SqlError("Invalid", "Statement", `there is no table ${name}, or it may not be seen`);
  if (places.size > 1)
    throw new SqlError("Invalid", "Statement", `there are ${places.size} tables ${name}: write schema.table`);
  const from = `${name} t`;
  await checkTexts(connection, from, call);
  const keys = (await ask("keys"))
    .filter((row) => places.has(JSON.stringify([row.TABLE_CAT, row.TABLE_SCHEM])))
    .map((row) => String(row.COLUMN_NAME));
  const columns = own.map((row) => tableColumn(row, keys));
  return relation(await withCaseRules(connection, from, columns, call));
}

/** The columns that a SELECT gives, without its rows. */
export async function describeQuery(connection: OdbcProcess, text: string, call: Call): Promise<Relation> {
  const from = `(${text}) t`;
  const select = `SELECT t.* FROM ${from} WHERE 1 = 0`;
  const result = await connection.ask({ do: "query", text: select, values: [] }, call.signal);
  await checkTexts(connection, from, call);
  const columns = result.columns.map(({ name, type, size }) => ({
    name,
    codec: odbcCodec(type, ""),
    type: "",
    notNull: false,
    hasDefault: false,
    generated: false,
    ...lengthLimit(type, size),
  }));
  return relation(await withCaseRules(connection, from, columns, call));
}

/** No standard call tells of triggers or unique indexes: so every row is read again, and nothing is known to be unique. */
function relation(columns: readonly Column[]): Relation {
  const read = columns.map(({ name }) => `t.${quoteIdentifier(name)}`);
  return { columns, version: { read, returned: "", of: versionOfCells }, rewrites: true, unique: undefined };
}

function tableColumn(row: CatalogRow, keys: readonly string[]): Column {
  const [type, size] = [Number(row.DATA_TYPE), Number(row.COLUMN_SIZE ?? 0)];
  const name = String(row.COLUMN_NAME);
  // What a database counts up has no standard mark, and a key that is one integer is mostly counted up.
  const counted = keys.length === 1 && keys[0] === name && integers.includes(type);
  return {
    name,
    codec: odbcCodec(type, String(row.TYPE_NAME)),
    type: String(row.TYPE_NAME),
    notNull: Number(row.NULLABLE) === 0,
    hasDefault: counted || ![null, "", "NULL"].includes(row.COLUMN_DEF as string | null),
    generated: false,
    ...lengthLimit(type, size),
  };
}

function lengthLimit(type: number, size: number): { maxLength?: number } {
  return limited.includes(type) && size > 0 ? { maxLength: size } : {};
}

/** Names stand in double quotes and texts in single ones, as in SQL-92: a database that reads them otherwise must be told. */
async function checkTexts(connection: OdbcProcess, from: string, call: Call): Promise<void> {
  const text = `SELECT '\\' AS "rollcall" FROM ${from} WHERE 1 = 0`;
  try {
    await connection.ask({ do: "query", text, values: [] }, call.signal);
  } catch (error) {
    if (!(error instanceof SqlError) || error.scope === "Connection") throw error;
    throw new SqlError(
      error.kind === "Denied" ? "Denied" : "Invalid",
      "Statement",
      `cannot read ${from.replace(/ t$/, "")} by standard SQL: ${error.message}; if it takes "…" for texts or \\ for an escape, set it right in odbc.session (MariaDB: SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES')`,
    );
  }
}

type CatalogRow = Readonly<Record<string, Cell>>;

function records({ rows, columns }: Rows): readonly CatalogRow[] {
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [columns[index]!.name, cell])));
}
