import type { Cell } from "../codec.ts";
import type { Write, Writes } from "../dialect.ts";
import { quoteIdentifier } from "../names.ts";
import type { Relations } from "../relations.ts";
import { relationWrites } from "../writes.ts";

/**
 * Cells in one INSERT, each a parameter: nearly as many as SQLite takes (limits.html §9), since foreign keys are looked at when a statement
 * ends, and new rows may refer to one another.
 */
const portion = 32_000;

/** Writes of SQLite. `or` stands behind their verbs. New rows are handed over cell by cell: to take them out of JSON takes half as long again. */
export function sqliteWrites(relations: Relations, or = ""): Writes {
  return {
    ...relationWrites(relations, or),
    insert(table, columns, rows, { returned, skipTaken }) {
      const names = columns.map((column) => quoteIdentifier(column.name)).join(", ");
      const tuple = `(${columns.map((column) => relations.cast("?", column)).join(", ")})`;
      const skip = skipTaken ? " ON CONFLICT DO NOTHING" : "";
      const tail = `${skip}${returned === undefined ? "" : ` RETURNING ${returned}`}`;
      const most = Math.max(1, Math.floor(portion / columns.length));
      const writes: Write[] = [];
      for (let at = 0; at < rows.length; at += most) {
        const part = rows.slice(at, at + most);
        const none: Cell[] = [];
        const tuples = Array(part.length).fill(tuple).join(", ");
        writes.push({
          text: `INSERT${or} INTO ${table} (${names}) VALUES ${tuples}${tail}`,
          values: none.concat(...part),
          rows: skipTaken ? undefined : part.length,
        });
      }
      return writes;
    },
  };
}
