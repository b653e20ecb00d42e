import { hash } from "node:crypto";
import type { Cell } from "./codec.ts";

/** A row's version: what the database says it is, or, of several cells, a hash of them all. */
export function versionOf(cells: readonly Cell[]): string {
  return cells.length === 1 ? String(cells[0]) : rowVersion(cells);
}

/** Each value with its storage class and length, so that no two rows give one text. Called for every row of a scan. */
export function rowVersion(cells: readonly unknown[]): string {
  let text = "";
  for (const cell of cells) {
    if (typeof cell === "string") text += `s${cell.length}:${cell}`;
    else if (cell === null) text += "n";
    else if (cell instanceof Uint8Array) text += `b${cell.length}:${Buffer.from(cell).toString("hex")}`;
    else text += `${typeof cell}${String(cell)};`;
  }
  return hash("sha256", text, "base64url").slice(0, 22);
}
