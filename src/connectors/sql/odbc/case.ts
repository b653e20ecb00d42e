import type { Call } from "../../contract.ts";
import { foldedCodec, textCodec } from "../codec.ts";
import type { Column } from "../dialect.ts";
import { SqlError } from "../errors.ts";
import { quoteIdentifier } from "../names.ts";
import type { OdbcProcess } from "./process.ts";

/** The same columns, and of the texts those that compare without case as such. `from` is a FROM item called `t`. */
export async function withCaseRules(
  connection: OdbcProcess,
  from: string,
  columns: readonly Column[],
  call: Call,
): Promise<readonly Column[]> {
  const known: Column[] = [];
  for (const column of columns) {
    const folds = column.codec === textCodec && (await ignoresCase(connection, from, column.name, call));
    known.push(folds ? { ...column, codec: foldedCodec } : column);
  }
  return known;
}

/**
 * No standard call tells a column's collation; a comparison does, under that of the column that stands first in a UNION (SQL-92 §7.10,
 * §4.2.3). The one row that a count gives is there in an empty table too.
 */
async function ignoresCase(
  connection: OdbcProcess,
  from: string,
  name: string,
  call: Call,
): Promise<boolean> {
  const none = `FROM ${from} WHERE 1 = 0`;
  const one = `(SELECT COUNT(*) AS n ${none}) q`;
  const letters = `SELECT t.${quoteIdentifier(name)} AS c ${none} UNION ALL SELECT 'a' FROM ${one}`;
  const text = `SELECT COUNT(*) FROM (${letters}) x WHERE x.c = 'A'`;
  try {
    const { rows } = await connection.ask({ do: "query", text, values: [] }, call.signal);
    return Number(rows[0]?.[0]) === 1;
  } catch (error) {
    // What cannot be compared, such as a long text in some databases, cannot be looked for either.
    if (error instanceof SqlError && error.scope !== "Connection") return false;
    throw error;
  }
}
