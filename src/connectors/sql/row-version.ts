import { hash } from "node:crypto";
import type { Cell } from "./codec.ts";
import type { Session } from "./database.ts";
import type { Column } from "./dialect.ts";

/** How a row's version is read, which must change with the row, and tell nothing of what stands in it. */
export interface RowVersion {
  /** SQL of the row called `t`. */
  readonly read: readonly string[];
  /** In RETURNING, without `t`: SQL of one value, which is what `read` gives. */
  readonly returned: string;
  of(cells: readonly Cell[]): string;
  /**
   * The versions that new rows get, where nothing but what is sent decides what stands in them, and in their key: then nobody has to ask what
   * became of each. Undefined where something else may.
   */
  foresee?(session: Session, made: NewRows): Promise<readonly string[] | undefined>;
}

export interface NewRows {
  readonly key: Column;
  readonly columns: readonly Column[];
  /** What is sent for them. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What the database says it is. */
export function versionGiven([version]: readonly Cell[]): string {
  return String(version);
}

/** Of a text that only this row has. */
export function versionOfText([text]: readonly Cell[]): string {
  return hash("sha256", String(text), "base64url").slice(0, 22);
}

/** Of all its cells: each with its storage class and length, so that no two rows give one text. */
export function versionOfCells(cells: readonly Cell[]): string {
  let text = "";
  for (const cell of cells) {
    if (typeof cell === "string") text += `s${cell.length}:${cell}`;
    else if (cell === null) text += "n";
    else if (cell instanceof Uint8Array) text += `b${cell.length}:${Buffer.from(cell).toString("hex")}`;
    else text += `${typeof cell}${String(cell)};`;
  }
  return versionOfText([text]);
}
