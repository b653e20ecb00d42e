import type { Content } from "./file.ts";
import type { Table } from "./table.ts";

/** A file and the table in it, as it was at one moment. */
export interface Reading {
  readonly path: string;
  readonly content: Content;
  readonly table: Table;
}
