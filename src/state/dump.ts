import type { Database } from "./database.ts";
import { pages } from "./pages.ts";
import type { Shared } from "./table.ts";
import {
  batches,
  entitlements,
  formerAccounts,
  holdings,
  holds,
  journal,
  links,
  manifests,
  notes,
  plans,
  stores,
  tasks,
} from "./tables.ts";

/** All that a state keeps, but for what it was made with. */
export async function* dump(
  database: Database,
  shared: Shared,
): AsyncGenerator<{ readonly table: string; readonly items: readonly unknown[] }> {
  const keyed = [
    stores,
    links,
    formerAccounts,
    holdings,
    entitlements,
    holds,
    tasks,
    plans,
    manifests,
    notes,
  ];
  const ordered = [
    ...keyed.map((table) => ({ table, order: table.key })),
    { table: batches, order: ["id"] },
    { table: journal, order: ["seq"] },
  ];
  for (const { table, order } of ordered) {
    for await (const rows of pages(database, { from: table.name, order })) {
      yield { table: table.name, items: rows.map((row) => table.decode(row, shared)) };
    }
  }
}
