import { hash } from "node:crypto";
import type { Cell } from "./codec.ts";

/** A row's version: what the database says it is, or, of several cells, a hash of them all. */
export function versionOf(cells: readonly Cell[]): string {
  return cells.length === 1 ? String(cells[0]) : rowVersion(cells);
}

/** Each value with its storage class and length, so that no two rows give one text. */
export function rowVersion(cells: readonly unknown[]): string {
  const text = cells.map((cell) => {
    const content = cell instanceof Uint8Array ? Buffer.from(cell).toString("hex") : String(cell);
    return `${cell === null ? "null" : typeof cell}${content.length}:${content}`;
  });
  return hash("sha256", text.join(), "base64url").slice(0, 22);
}
