import { hash } from "node:crypto";
import type { Cell } from "./codec.ts";

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
