import { hash } from "node:crypto";
import type { AccountRecord } from "../../core/model/account.ts";
import { FormatError, type Row } from "../../formats/row.ts";

/** Where the accounts of a target are in their rows. */
export interface Layout {
  /** The column of an account's name. */
  readonly name: string;
  /** The column of its id, which never changes; the name's where there is no other. */
  readonly id: string;
  /** The columns of the attributes that the target uses. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The column of any attribute. */
  columnOf(attribute: string): string;
  readonly disabled: DisabledColumn | undefined;
  readonly entitlements: EntitlementColumn | undefined;
  /** How the values of some columns are written, by column; the others' are plain texts. */
  readonly forms: ReadonlyMap<string, ValueForm>;
  /** Whether a column holds one value at most, though the format allows more. */
  isSingle(column: string): boolean;
}

export interface DisabledColumn {
  readonly column: string;
  readonly enabled: string;
  readonly disabled: string;
}

export interface EntitlementColumn {
  readonly column: string;
  /** Between two of them in one value; undefined: each is a value of its own. */
  readonly separator: string | undefined;
  /** Those that exist though nobody may hold them. */
  readonly names: readonly string[];
}

/** A way to write values: a day as 31.12.2026. */
export interface ValueForm {
  /** For errors: `a day as dd.MM.yyyy`. */
  readonly title: string;
  /** As the model has it; the text itself where it is not of this form. */
  read(text: string): string;
  /** Undefined for what is no such value. */
  write(value: string): string | undefined;
}

/** All columns that the target needs. */
export function neededColumns(layout: Layout): readonly string[] {
  const { name, id, disabled, entitlements, attributes } = layout;
  const needed = [name, id, disabled?.column, entitlements?.column, ...attributes.values()];
  return [...new Set(needed.filter((column) => column !== undefined))];
}

/** Columns that the target's block uses for two things, as problems with their cures. */
export function doubleUses({ name, id, disabled, entitlements }: Layout): readonly string[] {
  const used = [name, ...(id === name ? [] : [id]), disabled?.column, entitlements?.column];
  const twice = used.filter((column, at) => column !== undefined && used.indexOf(column) !== at);
  return twice.map((column) => `give "${column}" one use in the target's block: it is two of them`);
}

/** Throws `FormatError` as `keyIn` does. */
export function nameOf(row: Row, { name }: Layout): string {
  return keyIn(row, name);
}

/** Throws `FormatError` as `keyIn` does. */
export function anchorOf(row: Row, { id }: Layout): string {
  return keyIn(row, id);
}

/** What a row is known by; empty where it has none. Throws `FormatError` for several values: in another order they would be another account. */
export function keyIn(row: Row, column: string): string {
  const values = row.values(column);
  if (values.length > 1) {
    const where = row.line === 0 ? "what would result" : `line ${row.line}`;
    throw new FormatError(`${where} has several values as ${column}, which tells accounts apart; leave one`);
  }
  return values[0] ?? "";
}

/** Tells this row's content from any other: cells that stand still are others when the header changes. */
export function versionOf({ heading = "", text }: Row): string {
  return hash("sha256", heading + text, "base64url");
}

/** Throws `FormatError` where the column says neither. */
export function isEnabled(row: Row, { disabled }: Layout): boolean | undefined {
  if (disabled === undefined) return undefined;
  const [value = ""] = row.values(disabled.column);
  if (value === disabled.enabled) return true;
  if (value === disabled.disabled) return false;
  throw new FormatError(
    `line ${row.line} has "${value}" as ${disabled.column}; write "${disabled.enabled}" or "${disabled.disabled}"`,
  );
}

/** The entitlements of a row, each once. */
export function heldBy(row: Row, { entitlements }: Layout): ReadonlySet<string> {
  if (entitlements === undefined) return new Set();
  const { column, separator } = entitlements;
  const values = row.values(column);
  if (separator === undefined) return new Set(values);
  const names = values.flatMap((value) => value.split(separator)).map((name) => name.trim());
  return new Set(names.filter((name) => name !== ""));
}

/** An attribute's values, as the model has them. */
export function valuesIn(row: Row, attribute: string, { attributes, forms }: Layout): readonly string[] {
  const column = attributes.get(attribute);
  if (column === undefined) return [];
  const form = forms.get(column);
  const values = row.values(column);
  return form === undefined ? values : values.map((value) => form.read(value));
}

export function toRecord(row: Row, layout: Layout): AccountRecord {
  const values = [...layout.attributes.keys()].map((name) => [name, valuesIn(row, name, layout)] as const);
  return {
    anchor: anchorOf(row, layout),
    name: nameOf(row, layout),
    version: versionOf(row),
    enabled: isEnabled(row, layout),
    attributes: Object.fromEntries(values.filter(([, held]) => held.length > 0)),
  };
}
