import type { Call } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { booleanCodec } from "./codec.ts";
import type { Database, Relation, RowVersion } from "./database.ts";
import type { Column, Dialect } from "./dialect.ts";
import { quoteIdentifier, quoteTable, quoteText } from "./names.ts";
import { versionGiven } from "./row-version.ts";
import type { SqlTarget, StatementsBlock, TableBlock } from "./schema.ts";
import { toCell } from "./values.ts";

/** Where accounts are read from and what each column means: a table, or the SELECT of own statements. */
export interface Shape {
  readonly dialect: Dialect;
  /** A FROM item called `t`. */
  readonly from: string;
  /** A condition that every account meets. */
  readonly live: string;
  readonly relation: Relation;
  readonly id: Column;
  readonly key: Column;
  readonly version: RowVersion;
  readonly disabled: DisabledColumn | undefined;
  /** Why nobody may change the account, as SQL, or NULL: see `AccountRecord.protected`. */
  readonly guard?: string;
  /** What keeps it from logging in though it is enabled, as SQL, or NULL: see `AccountRecord.trouble`. */
  readonly trouble?: string;
  /** What the manifest asks for and the database has not, as verb phrases. */
  readonly problems: readonly string[];
}

/** The column that says whether an account is disabled, and its two values as the database is sent them. */
export interface DisabledColumn {
  readonly column: Column;
  readonly disabled: string | null;
  readonly enabled: string | null;
}

export async function readShape(database: Database, block: SqlTarget, call: Call): Promise<Shape> {
  const { table, statements } = block;
  if (table) {
    const relation = await database.describeTable(quoteTable(table.name), call);
    return tableShape(relation.dialect ?? database.dialect, table, relation);
  }
  if (!statements) throw new StoreError("Invalid", "must set exactly one of table, statements");
  return statementShape(database.dialect, statements, await database.describeQuery(statements.scan, call));
}

export function findColumn(relation: Relation, dialect: Dialect, name: string): Column | undefined {
  const exact = relation.columns.find((column) => column.name === name);
  if (exact || dialect.columnNames === "caseExact") return exact;
  return relation.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** What keeps the rows that are read from others. A view's rows, or a subquery's, cannot be locked. */
export function lockOf(relation: Relation, dialect: Dialect): string {
  return relation.unique === undefined ? "" : dialect.lockRows;
}

function tableShape(dialect: Dialect, block: TableBlock, relation: Relation): Shape {
  const need = (name: string) => required(relation, dialect, name, `table ${block.name}`);
  const key = need(block.key);
  const soft = block.softDelete && need(block.softDelete.column);
  const deleted = block.softDelete?.value;
  const id = block.id === undefined ? key : need(block.id);
  const ambiguous = ({ name }: Column, lest: string) =>
    relation.unique === undefined || relation.unique.has(name)
      ? []
      : [`give column ${name} of table ${block.name} a unique index, or ${lest}`];
  return {
    dialect,
    from: `${quoteTable(block.name)} t`,
    live: soft ? liveCondition(dialect, soft, deleted) : "",
    relation,
    key,
    id,
    version: block.version === undefined ? relation.version : givenBy(need(block.version)),
    disabled: block.disabled && disabledColumn(dialect, need(block.disabled.column), block.disabled),
    problems: [
      ...ambiguous(key, "one name could be created twice"),
      ...(id === key ? [] : ambiguous(id, "two accounts could be one")),
    ],
  };
}

/** A column that the database changes with every change of the row. */
function givenBy({ name }: Column): RowVersion {
  const quoted = quoteIdentifier(name);
  return { read: [`t.${quoted}`], returned: quoted, of: versionGiven };
}

function disabledColumn(
  dialect: Dialect,
  column: Column,
  { disabled, enabled }: NonNullable<TableBlock["disabled"]>,
): DisabledColumn {
  const cell = (value: string | undefined) =>
    toCell(
      dialect,
      column,
      value === undefined ? [] : [value],
      `use ${value} for disabled.column ${column.name}`,
    );
  return { column, disabled: cell(disabled), enabled: cell(enabled) };
}

function liveCondition(dialect: Dialect, column: Column, deleted: string | undefined): string {
  const name = `t.${quoteIdentifier(column.name)}`;
  if (deleted === undefined) return `${name} IS NULL`;
  const value = dialect.cast(quoteText(column.codec.encode(deleted)), column);
  return `(${name} IS NULL OR ${name} <> ${value})`;
}

function statementShape(dialect: Dialect, block: StatementsBlock, relation: Relation): Shape {
  const key = required(relation, dialect, "name", "statements.scan");
  const version = findColumn(relation, dialect, "version");
  const disabled = findColumn(relation, dialect, "disabled");
  return {
    dialect,
    from: `(${block.scan}) t`,
    live: "",
    relation,
    key,
    id: findColumn(relation, dialect, "id") ?? key,
    version: version ? givenBy(version) : relation.version,
    disabled: disabled && {
      column: { ...disabled, codec: booleanCodec("true", "false") },
      disabled: "true",
      enabled: "false",
    },
    problems: [],
  };
}

/** The column of this name, which cannot be done without. */
export function required(relation: Relation, dialect: Dialect, name: string, where: string): Column {
  const column = findColumn(relation, dialect, name);
  if (!column) throw new StoreError("Invalid", `cannot find column ${name} in ${where}`);
  return column;
}
