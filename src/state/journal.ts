import { setImmediate as breathe } from "node:timers/promises";
import type { Database, Parameter } from "./database.ts";
import { pageSize } from "./pages.ts";
import type { JournalQuery } from "./state.ts";
import type { Row } from "./table.ts";

/** Rows of the journal looked at in one go, whether they match or not. */
const span = 5_000;

/**
 * The journal's rows that match, oldest first. A journal grows for years, so it is walked in stretches of its numbers: however
 * little matches, no single read is long.
 */
export async function* journalRows(database: Database, query: JournalQuery): AsyncGenerator<readonly Row[]> {
  const end = await newest(database);
  const first = query.last === undefined ? 1 : await startOf(database, query, query.last, end);
  const { where, parameters } = condition(query);
  const sql = `SELECT * FROM journal WHERE seq >= ? AND seq <= ? AND ${where} ORDER BY seq LIMIT ${pageSize}`;
  for (let from = first; from <= end; ) {
    const to = Math.min(end, from + span - 1);
    const rows = await database.read(sql, [from, to, ...parameters]);
    if (rows.length > 0) yield rows;
    from = rows.length < pageSize ? to + 1 : (rows[rows.length - 1]!.seq as number) + 1;
    if (from <= end) await breathe();
  }
}

/** The number at which the newest `count` matching rows begin. */
async function startOf(database: Database, query: JournalQuery, count: number, end: number): Promise<number> {
  const { where, parameters } = condition(query);
  const sql = `SELECT seq FROM journal WHERE seq > ? AND seq <= ? AND ${where} ORDER BY seq DESC LIMIT ?`;
  let missing = count;
  let start = end + 1;
  for (let to = end; to > 0 && missing > 0; to -= span) {
    const rows = await database.read(sql, [to - span, to, ...parameters, missing]);
    missing -= rows.length;
    start = (rows[rows.length - 1]?.seq as number | undefined) ?? start;
    await breathe();
  }
  return start;
}

async function newest(database: Database): Promise<number> {
  const [row] = await database.read("SELECT coalesce(max(seq), 0) AS seq FROM journal");
  return row?.seq as number;
}

function condition(query: JournalQuery): { where: string; parameters: readonly Parameter[] } {
  const terms: [string, Parameter | undefined][] = [
    ["target = ?", query.target],
    ["identity = ?", query.identity],
    ["at >= ?", query.since],
    ["at < ?", query.until],
  ];
  const given = terms.filter(([, value]) => value !== undefined);
  return {
    where: ["1 = 1", ...given.map(([term]) => term)].join(" AND "),
    parameters: given.map(([, value]) => value!),
  };
}
