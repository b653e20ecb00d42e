import type { AccountRecord } from "../../core/model/account.ts";
import { canonicalJson, sha256 } from "../../core/model/hash.ts";
import { StoreError } from "../errors.ts";
import type { CsvTargetBlock } from "./blocks.ts";
import type { Row, Table } from "./table.ts";

/** A table read as the accounts of one target. */
export interface Accounts {
  readonly table: Table;
  readonly layout: Layout;
  /** In the file's order. */
  readonly byAnchor: ReadonlyMap<string, Row>;
  readonly byName: ReadonlyMap<string, Row>;
}

/** Where a target's columns are. */
export interface Layout {
  readonly block: CsvTargetBlock;
  readonly header: readonly string[];
  readonly key: number;
  /** The key's, where there is no id. */
  readonly id: number;
  readonly disabled: number | undefined;
  readonly entitlements: number | undefined;
  /** Attribute to column. */
  readonly attributes: ReadonlyMap<string, number>;
}

/** The columns that the target needs and the header has not. */
export function missingColumns(
  block: CsvTargetBlock,
  attributes: readonly string[],
  header: readonly string[],
): string[] {
  const needed = [
    block.key,
    block.id,
    block.disabled?.column,
    block.entitlements?.column,
    ...attributes.map((attribute) => columnOf(block, attribute)),
  ].filter((column) => column !== undefined);
  return [...new Set(needed)].filter((column) => !header.includes(column));
}

/** Throws `Unavailable` where the table is not this target's: wrong header, a key that is missing or there twice, a state that is neither. */
export function readAccounts(
  file: string,
  table: Table,
  block: CsvTargetBlock,
  attributes: readonly string[],
): Accounts {
  const header = table.header.cells;
  const refuse = (cause: string) => new StoreError("Unavailable", `cannot read ${file}: ${cause}`);
  const [missing] = missingColumns(block, attributes, header);
  if (missing !== undefined) {
    throw refuse(
      `it has no column "${missing}"; its header is ${header.join(", ")}; correct the header or the target's columns`,
    );
  }
  const layout: Layout = {
    block,
    header,
    key: header.indexOf(block.key),
    id: header.indexOf(block.id ?? block.key),
    disabled: block.disabled && header.indexOf(block.disabled.column),
    entitlements: block.entitlements && header.indexOf(block.entitlements.column),
    attributes: new Map(
      attributes.map((attribute) => [attribute, header.indexOf(columnOf(block, attribute))]),
    ),
  };
  const index = (column: number) => {
    const rows = new Map<string, Row>();
    for (const row of table.rows) {
      const value = row.cells[column] ?? "";
      const other = rows.get(value);
      if (value === "")
        throw refuse(`line ${row.line} has no ${header[column]}; fill it in, or take the line out`);
      if (other !== undefined) {
        throw refuse(
          `lines ${other.line} and ${row.line} have the same ${header[column]}, ${value}; take one out`,
        );
      }
      rows.set(value, row);
    }
    return rows;
  };
  const byName = index(layout.key);
  const byAnchor = layout.id === layout.key ? byName : index(layout.id);
  for (const row of table.rows) {
    if (stateOf(row, layout) !== "neither") continue;
    const { column, enabled, disabled } = block.disabled!;
    throw refuse(
      `line ${row.line} has "${row.cells[layout.disabled!]}" as ${column}; write "${enabled}" or "${disabled}"`,
    );
  }
  return { table, layout, byAnchor, byName };
}

export function columnOf(block: CsvTargetBlock, attribute: string): string {
  return block.columns[attribute] ?? attribute;
}

export function toRecord(row: Row, layout: Layout): AccountRecord {
  const attributes: Record<string, readonly string[]> = {};
  for (const [attribute, column] of layout.attributes) {
    const cell = row.cells[column] ?? "";
    if (cell !== "") attributes[attribute] = [cell];
  }
  const state = stateOf(row, layout);
  return {
    anchor: row.cells[layout.id] ?? "",
    name: row.cells[layout.key] ?? "",
    version: versionOf(row, layout),
    enabled: state === undefined ? undefined : state === "enabled",
    attributes,
  };
}

/** Over the row's cells that hold something, so that a new empty column changes no version. */
export function versionOf(row: Row, { header }: Layout): string {
  const cells = header.map((column, at) => [column, row.cells[at] ?? ""] as const);
  return sha256(canonicalJson(Object.fromEntries(cells.filter(([, cell]) => cell !== ""))));
}

/** The entitlements of a row, each once. */
export function heldBy(row: Row, { block, entitlements }: Layout): ReadonlySet<string> {
  if (entitlements === undefined) return new Set();
  const names = (row.cells[entitlements] ?? "").split(block.entitlements!.separator);
  return new Set(names.map((name) => name.trim()).filter((name) => name !== ""));
}

/** Who holds each entitlement there is, by anchor: those that somebody holds, and those that the target names. */
export function holders({ layout, byAnchor }: Accounts): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>((layout.block.entitlements?.names ?? []).map((name) => [name, []]));
  for (const [anchor, row] of byAnchor) {
    for (const name of heldBy(row, layout)) {
      const members = found.get(name);
      if (members === undefined) found.set(name, [anchor]);
      else members.push(anchor);
    }
  }
  return found;
}

function stateOf(row: Row, { block, disabled }: Layout): "enabled" | "disabled" | "neither" | undefined {
  if (disabled === undefined || block.disabled === undefined) return undefined;
  const cell = row.cells[disabled];
  if (cell === block.disabled.enabled) return "enabled";
  return cell === block.disabled.disabled ? "disabled" : "neither";
}
