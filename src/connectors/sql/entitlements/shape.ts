import type { Call } from "../../contract.ts";
import { StoreError } from "../../errors.ts";
import type { Database, Relation, RowVersion } from "../database.ts";
import type { Column, Dialect, ListSyntax } from "../dialect.ts";
import { quoteIdentifier, quoteTable, quoteText } from "../names.ts";
import { column } from "../read.ts";
import type { EntitlementsBlock } from "../schema.ts";
import { findColumn, lockOf, type Shape } from "../shape.ts";

/** Where entitlements are read from. */
export interface EntitlementSource {
  /** A SELECT of all memberships: the entitlement's key `e`, and the account's id `a`. */
  readonly members: string;
  /** The column that holds the entitlement's key, of the accounts or of the join table. */
  readonly holder: Column;
  /** The column that holds the account's id. */
  readonly owner: Column;
  readonly list: EntitlementList | undefined;
  /** The keys are names, and the column does not tell capital letters from small ones: `Staff` and `staff` are one. */
  readonly folds?: boolean;
}

/** Where entitlements are kept. */
export interface EntitlementShape extends EntitlementSource {
  /** The quoted table of both. */
  readonly table: string;
  readonly mode: "Column" | "Array" | "Join";
  /** How several stand in one column. */
  readonly syntax: ListSyntax | undefined;
  /** Keeps what was read of the table from others, where that can be. */
  readonly lock: string;
}

/** The table of all entitlements. */
export interface EntitlementList {
  readonly table: string;
  /** The part of it that a scan goes through. Default: all. */
  readonly scanned?: string;
  readonly id: Column;
  readonly name: Column;
  readonly version: RowVersion;
  /** All its other columns: a profile may declare them. */
  readonly attributes: readonly Column[];
}

export async function readEntitlementShape(
  database: Database,
  accounts: Shape,
  block: EntitlementsBlock,
  table: string | undefined,
  call: Call,
): Promise<EntitlementShape> {
  if (block.join) return joinShape(database, block.join, call);
  if (table === undefined) throw new StoreError("Invalid", "must use entitlements.join with own statements");
  const { name, delimiter } = block.array ?? { name: block.column!.name };
  const { dialect, from, id, live } = accounts;
  const found = need(accounts.relation, dialect, name, `table ${table}`);
  const holder = delimiter === undefined ? found : holdsOneOf(found, delimiter);
  const syntax = block.array && listSyntax(dialect, delimiter);
  const source = syntax ? `${from} CROSS JOIN ${syntax.rows(column(holder))}` : from;
  const value = syntax ? syntax.element : column(holder);
  const alive = live === "" ? "" : ` AND ${live}`;
  return {
    members: `SELECT ${value} AS e, ${column(id)} AS a FROM ${source} WHERE ${column(holder)} IS NOT NULL${alive}`,
    holder,
    owner: id,
    table: quoteTable(table),
    mode: syntax ? "Array" : "Column",
    syntax,
    list: undefined,
    folds: syntax === undefined && holder.codec.matching === "caseIgnore",
    lock: lockOf(accounts.relation, dialect),
  };
}

/** An entitlement with the delimiter in it would become two others. */
function holdsOneOf(column: Column, delimiter: string): Column {
  const encode = (value: string) => {
    if (value.includes(delimiter))
      throw new StoreError("Invalid", `must not hold what stands between two: ${JSON.stringify(delimiter)}`);
    return column.codec.encode(value);
  };
  return { ...column, codec: { ...column.codec, encode } };
}

function listSyntax({ lists }: Dialect, delimiter: string | undefined): ListSyntax {
  if (!lists)
    throw new StoreError(
      "Invalid",
      "must use entitlements.join or column: this database takes no lists apart",
    );
  return delimiter === undefined ? lists.array : lists.delimited(delimiter);
}

/** An entitlement's key as a literal to compare and assign; an element of a list is of a type the database infers. */
export function keyLiteral(dialect: Dialect, holder: Column, key: string): string {
  const text = quoteText(holder.codec.encode(key));
  return holder.codec.multiValued ? text : dialect.cast(text, holder);
}

async function joinShape(
  database: Database,
  block: NonNullable<EntitlementsBlock["join"]>,
  call: Call,
): Promise<EntitlementShape> {
  const { dialect } = database;
  const relation = await database.describeTable(quoteTable(block.table), call);
  const holder = need(relation, dialect, block.entitlement, `table ${block.table}`);
  const owner = need(relation, dialect, block.account, `table ${block.table}`);
  const table = quoteTable(block.table);
  return {
    members: `SELECT ${column(holder)} AS e, ${column(owner)} AS a FROM ${table} t WHERE ${column(holder)} IS NOT NULL AND ${column(owner)} IS NOT NULL`,
    holder,
    owner,
    table,
    mode: "Join",
    syntax: undefined,
    list: block.list && (await listShape(database, block.list, call)),
    folds: block.list === undefined && holder.codec.matching === "caseIgnore",
    // To lock rows takes a right that giving and taking them does not.
    lock: "",
  };
}

async function listShape(
  database: Database,
  block: NonNullable<NonNullable<EntitlementsBlock["join"]>["list"]>,
  call: Call,
): Promise<EntitlementList> {
  const relation = await database.describeTable(quoteTable(block.table), call);
  const id = need(relation, database.dialect, block.id, `table ${block.table}`);
  const name = need(relation, database.dialect, block.name, `table ${block.table}`);
  const attributes = relation.columns.filter((one) => one !== id && one !== name);
  return { table: quoteTable(block.table), id, name, version: relation.version, attributes };
}

function need(relation: Relation, dialect: Dialect, name: string, where: string): Column {
  const found = findColumn(relation, dialect, name);
  if (!found) throw new StoreError("Invalid", `cannot find column ${quoteIdentifier(name)} in ${where}`);
  return found;
}

/** Whether the column could hold this key at all. */
export function fits(holder: Column, key: string): boolean {
  try {
    holder.codec.encode(key);
    return true;
  } catch {
    return false;
  }
}
