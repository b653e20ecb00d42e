import type { Result, Row } from "./database.ts";
import type { Query } from "./dialect.ts";

/** Runs queries one after the other; all their rows, in order. */
export async function allRows(
  queries: readonly Query[],
  run: (query: Query) => Promise<Result>,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (const query of queries) for (const row of (await run(query)).rows) all.push(row);
  return all;
}
