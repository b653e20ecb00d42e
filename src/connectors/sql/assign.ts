import type { Values } from "../../core/model/values.ts";
import type { StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Column } from "./dialect.ts";
import { findColumn, type Shape } from "./shape.ts";
import { toCell } from "./values.ts";

export type Create = Extract<StoreChange, { kind: "create" }>;
export type Modify = Extract<StoreChange, { kind: "modify" }>;
export type Delete = Extract<StoreChange, { kind: "delete" }>;

/** One column and what it is to hold, as the database is sent it. */
export interface Assignment {
  readonly column: Column;
  readonly cell: string | null;
}

/** What a new row holds. Columns that an account has no values for are left to their defaults. */
export function createAssignments(shape: Shape, change: Create): readonly Assignment[] {
  const attributes = Object.entries(change.attributes)
    .filter(([, values]) => values.length > 0)
    .flatMap(([name, values]) => attribute(shape, name, values));
  return [name(shape, change.name), ...attributes, ...state(shape, change.enabled)];
}

export function modifyAssignments(shape: Shape, change: Modify): readonly Assignment[] {
  const attributes = change.attributes.flatMap(({ name, after }) => attribute(shape, name, after));
  if (attributes.some(({ column }) => column === shape.id))
    throw new StoreError(
      "Invalid",
      `column ${shape.id.name} is what accounts are known by, and cannot change`,
    );
  return [
    ...(change.rename === undefined ? [] : [name(shape, change.rename)]),
    ...attributes,
    ...state(shape, change.enabled),
  ];
}

function name(shape: Shape, text: string): Assignment {
  return { column: shape.key, cell: toCell(shape.dialect, shape.key, [text]) };
}

function state(shape: Shape, enabled: boolean | undefined): readonly Assignment[] {
  const { disabled } = shape;
  if (enabled === undefined || (disabled === undefined && enabled)) return [];
  if (!disabled) throw new StoreError("Invalid", "the target does not say how an account is disabled");
  return [{ column: disabled.column, cell: enabled ? disabled.enabled : disabled.disabled }];
}

/** The key and the state are set by the change itself, whatever the mappings say of their columns. */
function attribute(shape: Shape, name: string, values: Values): readonly Assignment[] {
  const column = findColumn(shape.relation, shape.dialect, name);
  if (!column) throw new StoreError("Invalid", `there is no column ${name}`);
  if (column === shape.key || column === shape.disabled?.column) return [];
  if (column.generated) throw new StoreError("Invalid", `column ${name} gets its values from the database`);
  return [{ column, cell: toCell(shape.dialect, column, values) }];
}
