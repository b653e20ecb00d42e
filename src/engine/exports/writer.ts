import type { Cell } from "../../core/expression/result.ts";

/** How rows become text. Throws an `ExportFault` for a row that cannot. */
export interface ExportWriter {
  /** What stands before the first row. */
  readonly head: string;
  row(cells: readonly Cell[]): string;
  /** The line that has the checksum of all before it. */
  checksum(sha256: string): string;
  encode(text: string): Uint8Array;
}
