import { z } from "zod";
import { record, text } from "../../core/kinds/common.ts";
import { StoreError } from "../errors.ts";
import type { Layout } from "./layout.ts";

/** What the Target blocks of all file connectors have: which column is what. */
export const targetMembers = (column: z.ZodType<string>) => ({
  key: column.describe("The column that holds an account's name."),
  id: column
    .optional()
    .describe(
      "The column of an id that never changes, which the target maps. Absent: the key, and no renames.",
    ),
  columns: record(column, 1024)
    .default({})
    .describe("Attribute to column. An attribute that is not listed is the column of its name."),
  disabled: z
    .object({ column, enabled: z.string().max(256), disabled: z.string().max(256) })
    .optional()
    .describe("The column that says whether an account is in use, and its two values."),
});

export const entitlementNames = z
  .array(text)
  .max(4096)
  .default([])
  .describe("Entitlements that exist though nobody may hold them; those that somebody holds exist too.");

interface TargetBlock {
  readonly key: string;
  readonly id?: string | undefined;
  readonly columns: Readonly<Record<string, string>>;
  readonly disabled?: Layout["disabled"];
  readonly entitlements?:
    | { readonly column: string; readonly separator?: string | undefined; readonly names: readonly string[] }
    | undefined;
}

/**
 * Values are plain texts, and as many as the format allows. `pathOf`: a column that holds others within it is one whose path theirs begin with.
 * Throws `Invalid` for two attributes that are one.
 */
export function layoutOf(
  block: TargetBlock,
  attributes: readonly string[],
  pathOf: (column: string) => readonly string[] = (column) => [column],
): Layout {
  const columnOf = (attribute: string) =>
    Object.hasOwn(block.columns, attribute) ? block.columns[attribute]! : attribute;
  const { entitlements } = block;
  const columns = new Map(attributes.map((attribute) => [attribute, columnOf(attribute)]));
  refuseTwins(columns, pathOf);
  return {
    name: block.key,
    id: block.id ?? block.key,
    attributes: columns,
    columnOf,
    disabled: block.disabled,
    entitlements: entitlements && { ...entitlements, separator: entitlements.separator },
    forms: new Map(),
    isSingle: () => false,
  };
}

/** What is said of an attribute, as that it is sensitive, would not hold for its values under another name. */
function refuseTwins(
  columns: ReadonlyMap<string, string>,
  pathOf: (column: string) => readonly string[],
): void {
  const paths = [...columns].map(([attribute, column]) => ({ attribute, column, path: pathOf(column) }));
  for (const one of paths)
    for (const other of paths) {
      if (one === other || !one.path.every((step, at) => step === other.path[at])) continue;
      throw new StoreError(
        "Invalid",
        `cannot tell the attributes "${one.attribute}" and "${other.attribute}" apart: "${other.column}" holds both; use one of them`,
      );
    }
}
