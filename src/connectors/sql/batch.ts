import { StoreError } from "../errors.ts";
import type { Session } from "./database.ts";
import { SqlError } from "./errors.ts";

/**
 * Does all items together, or, where the database refuses one, each half by itself, down to the one that is refused. So one
 * bad row costs some twenty statements and takes no other with it. A transaction without savepoints throws instead.
 */
export async function bisect<Item, Result>(
  session: Session,
  items: readonly Item[],
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  refuse: (item: Item, error: StoreError) => Result,
): Promise<readonly Result[]> {
  if (items.length === 0) return [];
  if (session.mode === "Whole") return work(items);
  try {
    return await session.savepoint(() => work(items));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const scope = error instanceof SqlError ? error.scope : "Row";
    if (scope === "Connection") throw error;
    if (scope === "Statement" || items.length === 1) return items.map((item) => refuse(item, error));
    const middle = items.length >> 1;
    const first = await bisect(session, items.slice(0, middle), work, refuse);
    return [...first, ...(await bisect(session, items.slice(middle), work, refuse))];
  }
}

/** Items that are alike, together. There are few kinds, so each item is compared with the first one of each. */
export function gather<Item>(
  items: readonly Item[],
  alike: (one: Item, other: Item) => boolean,
): readonly (readonly Item[])[] {
  const groups: [Item, ...Item[]][] = [];
  for (const item of items) {
    const group = groups.find(([first]) => alike(first, item));
    if (group) group.push(item);
    else groups.push([item]);
  }
  return groups;
}
