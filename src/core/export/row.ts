import { type IdentityValue, ownerValue } from "../expression/identity-value.ts";
import type { Cell } from "../expression/result.ts";
import type { ExportModel } from "./model.ts";

/** What one row is made from. */
export interface RowSubject {
  /** What it is called in an error. */
  readonly title: string;
  /** Undefined for an account that is nobody's: all of it reads as absent. */
  readonly identity: IdentityValue | undefined;
  /** Views for the other variables; those that no expression reads may be left out. */
  readonly account?: object;
  readonly accounts?: readonly object[];
  readonly access?: readonly object[];
  readonly state?: string;
}

export type Row =
  | { readonly cells: readonly Cell[] }
  /** `when` leaves it out. */
  | { readonly omitted: true }
  /** An expression fails for it: what, and why. */
  | { readonly error: string };

/** Evaluates the columns for one account or identity. */
export function exportRow({ columns, when }: ExportModel, { title, identity, ...beside }: RowSubject): Row {
  const context = { identity: ownerValue(identity), beside };
  const is = when?.evaluate(context);
  if (is && !is.ok) return { error: `when, of ${title}: ${is.message}` };
  if (is && !is.value) return { omitted: true };
  const cells: Cell[] = [];
  for (const { name, expression } of columns) {
    const cell = expression.evaluate(context);
    if (!cell.ok) return { error: `column ${name}, of ${title}: ${cell.message}` };
    cells.push(cell.value);
  }
  return { cells };
}
