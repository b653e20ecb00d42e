import type { Row, Session } from "./database.ts";
import type { Column, Write, Writes } from "./dialect.ts";
import { wrongCount } from "./errors.ts";
import { quoteIdentifier } from "./names.ts";
import { given, type Relations } from "./relations.ts";

/** Runs them in order, and refuses what would touch another number of rows than it should. What they returned, together. */
export async function runWrites(session: Session, writes: readonly Write[]): Promise<readonly Row[]> {
  const returned: Row[] = [];
  for (const write of writes) {
    const { rows, count } = await session.query(write);
    if (write.rows !== undefined && count !== write.rows) throw wrongCount(count);
    returned.push(...rows);
  }
  return returned;
}

/**
 * Writes where a batch is handed over as the relation `q` and RETURNING says what became of it (PostgreSQL, SQLite). `or` stands behind
 * their verbs, and says what happens to a row that a constraint refuses.
 */
export function relationWrites({ relation, cast, equals }: Relations, or = ""): Writes {
  const casts = (columns: readonly Column[]) => columns.map((column, index) => cast(given(index), column));
  return {
    returning: { insert: true, update: true },
    skips: true,
    // SQLite knows no alias in a DELETE from a view.
    own: "",
    insert(table, columns, rows, { returned, skipTaken }) {
      const { text, values } = relation(rows, columns.length);
      const names = columns.map((column) => quoteIdentifier(column.name)).join(", ");
      const insert = `INSERT${or} INTO ${table} (${names}) SELECT ${casts(columns).join(", ")} FROM ${text} WHERE true`;
      const skip = skipTaken ? " ON CONFLICT DO NOTHING" : "";
      return [
        {
          text: `${insert}${skip}${returned === undefined ? "" : ` RETURNING ${returned}`}`,
          values,
          rows: skipTaken ? undefined : rows.length,
        },
      ];
    },
    update(table, [id, ...columns], rows, returned) {
      const { text, values } = relation(rows, columns.length + 1);
      const cells = casts([id, ...columns]).slice(1);
      const set = columns.map((column, index) => `${quoteIdentifier(column.name)} = ${cells[index]}`);
      const which = equals(`t.${quoteIdentifier(id.name)}`, given(0), id);
      const update = `UPDATE${or} ${table} AS t SET ${set.join(", ")} FROM ${text} WHERE ${which}`;
      return [{ text: `${update} RETURNING ${returned}`, values, rows: rows.length }];
    },
    touch(table, set, key, cells, condition) {
      const { text, values } = relation(
        cells.map((cell) => [cell]),
        1,
      );
      const head = set === undefined ? `DELETE FROM ${table}` : `UPDATE${or} ${table} SET ${set}`;
      const which = `${quoteIdentifier(key.name)} IN (SELECT ${cast(given(0), key)} FROM ${text})`;
      const also = condition === undefined ? "" : ` AND ${condition}`;
      // SQLite counts nothing that a trigger of a view does, but gives it back.
      return [{ text: `${head} WHERE ${which}${also} RETURNING 1`, values, rows: cells.length }];
    },
  };
}
