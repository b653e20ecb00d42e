import type { Column, Write, Writes } from "../dialect.ts";
import { quoteIdentifier } from "../names.ts";
import { given, type Relations } from "../relations.ts";
import { mysqlLiterals } from "./literals.ts";

/** Characters in one INSERT: far below the smallest `max_allowed_packet` that is in use. */
const portion = 1_000_000;

/** Writes of MySQL and MariaDB: values as literals, the quickest that they take. Only MariaDB's INSERT has RETURNING. */
export function mysqlWrites({ relation, cast, equals }: Relations, returning: boolean): Writes {
  return {
    returning: { insert: returning, update: false },
    skips: false,
    own: "t.",
    insert(table, columns, rows, { returned }) {
      const head = `INSERT INTO ${table} (${names(columns)}) VALUES `;
      const tail = returned === undefined ? "" : ` RETURNING ${returned}`;
      const literals = columns.map(mysqlLiterals);
      const tuples = rows.map((row) => `(${row.map((cell, index) => literals[index]!(cell)).join(", ")})`);
      return portions(tuples).map((part): Write => {
        return { text: `${head}${part.join(", ")}${tail}`, values: [], rows: part.length };
      });
    },
    update(table, [id, ...columns], rows) {
      const { text, values } = relation(rows, columns.length + 1);
      const set = columns.map(
        (column, index) => `t.${quoteIdentifier(column.name)} = ${cast(given(index + 1), column)}`,
      );
      const which = equals(`t.${quoteIdentifier(id.name)}`, given(0), id);
      const update = `UPDATE ${table} t JOIN ${text} ON ${which} SET ${set.join(", ")}`;
      return [{ text: update, values, rows: rows.length }];
    },
    touch(table, set, key, cells, condition) {
      const head = set === undefined ? `DELETE t FROM ${table} t` : `UPDATE ${table} t SET ${set}`;
      const literals = cells.map(mysqlLiterals(key)).join(", ");
      const also = condition === undefined ? "" : ` AND ${condition}`;
      const which = `t.${quoteIdentifier(key.name)} IN (${literals})`;
      return [{ text: `${head} WHERE ${which}${also}`, values: [], rows: cells.length }];
    },
  };
}

function names(columns: readonly Column[]): string {
  return columns.map((column) => quoteIdentifier(column.name)).join(", ");
}

function portions(tuples: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let length = portion;
  for (const tuple of tuples) {
    if (length + tuple.length > portion) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)!.push(tuple);
    length += tuple.length;
  }
  return parts;
}
