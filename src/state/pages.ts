import { setImmediate as breathe } from "node:timers/promises";
import type { Database, Parameter } from "./database.ts";
import type { Row, Value } from "./table.ts";

/** Rows read in one go: some 5 ms. */
export const pageSize = 1_000;

export interface Selection {
  readonly from: string;
  readonly where?: string;
  readonly parameters?: readonly Parameter[];
  /** Columns that together are unique; pages follow their order. */
  readonly order: readonly string[];
}

/**
 * Reads without holding a transaction open: each page begins after the last row of the one before. So a row that is there the whole
 * time comes exactly once, and one that comes or goes meanwhile comes or does not.
 */
export async function* pages(database: Database, selection: Selection): AsyncGenerator<readonly Row[]> {
  const order = selection.order.join(", ");
  const select = (condition: string) =>
    `SELECT * FROM ${selection.from} WHERE ${condition} ORDER BY ${order} LIMIT ${pageSize}`;
  const where = selection.where ?? "1 = 1";
  const parameters = selection.parameters ?? [];
  let rows = await database.read(select(where), parameters);
  const next = select(`${where} AND (${order}) > (${selection.order.map(() => "?").join(", ")})`);
  while (rows.length > 0) {
    yield rows;
    if (rows.length < pageSize) return;
    await breathe();
    const last = rows[rows.length - 1]!;
    rows = await database.read(next, [
      ...parameters,
      ...selection.order.map((column) => last[column] as Value),
    ]);
  }
}

/** Reads in portions what is asked for by a list that may be long. */
export async function readMany(
  database: Database,
  sql: string,
  first: readonly Parameter[],
  list: readonly string[],
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let from = 0; from < list.length; from += pageSize) {
    if (from > 0) await breathe();
    found.push(...(await database.read(sql, [...first, list.slice(from, from + pageSize)])));
  }
  return found;
}
