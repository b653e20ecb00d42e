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

/** Columns, and what each of them is to hold, as the database is sent it. */
export interface Assignments {
  readonly columns: readonly Column[];
  readonly cells: readonly (string | null)[];
}

/** What a new row holds. Columns that an account has no values for are left to their defaults. */
export function createAssignments(shape: Shape, change: Create): Assignments {
  const row = new AssignedRow(shape);
  row.name(change.name);
  for (const name of Object.keys(change.attributes)) {
    const values = change.attributes[name]!;
    if (values.length > 0) row.attribute(name, values);
  }
  row.state(change.enabled);
  return row;
}

export function modifyAssignments(shape: Shape, change: Modify): Assignments {
  const row = new AssignedRow(shape);
  if (change.rename !== undefined) row.name(change.rename);
  for (const { name, after } of change.attributes) {
    if (row.attribute(name, after) === shape.id)
      throw new StoreError(
        "Invalid",
        `column ${shape.id.name} is what accounts are known by, and cannot change`,
      );
  }
  row.state(change.enabled);
  return row;
}

export function assignmentsOf({ columns, cells }: Assignments): readonly Assignment[] {
  return columns.map((column, index) => ({ column, cell: cells[index]! }));
}

/** Filled for each row of a load, so nothing else is made for it. */
class AssignedRow implements Assignments {
  readonly columns: Column[] = [];
  readonly cells: (string | null)[] = [];
  readonly #shape: Shape;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  name(text: string): void {
    const { dialect, key } = this.#shape;
    this.#set(key, toCell(dialect, key, [text]));
  }

  /** The key and the state are set by the change itself, whatever the mappings say of their columns. */
  attribute(name: string, values: Values): Column | undefined {
    const { relation, dialect, key, disabled } = this.#shape;
    const column = findColumn(relation, dialect, name);
    if (!column) throw new StoreError("Invalid", `there is no column ${name}`);
    if (column === key || column === disabled?.column) return undefined;
    if (column.generated) throw new StoreError("Invalid", `column ${name} gets its values from the database`);
    this.#set(column, toCell(dialect, column, values));
    return column;
  }

  state(enabled: boolean | undefined): void {
    const { disabled } = this.#shape;
    if (enabled === undefined || (disabled === undefined && enabled)) return;
    if (!disabled) throw new StoreError("Invalid", "the target does not say how an account is disabled");
    this.#set(disabled.column, enabled ? disabled.enabled : disabled.disabled);
  }

  #set(column: Column, cell: string | null): void {
    this.columns.push(column);
    this.cells.push(cell);
  }
}
