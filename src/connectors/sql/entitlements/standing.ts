import type { Session } from "../database.ts";
import type { Dialect } from "../dialect.ts";
import { column } from "../read.ts";
import { allRows } from "../rows.ts";
import { type EntitlementShape, keyLiteral } from "./shape.ts";

/** How an account stands to an entitlement: `Other` has another one in a column that holds one alone. */
export type Standing = "Held" | "Free" | "Other";

/**
 * How these accounts stand to an entitlement, one of each row, kept from others until the transaction ends. In a join table only
 * the rows that hold it are rows of it.
 */
export async function readStandings(
  session: Session,
  dialect: Dialect,
  shape: EntitlementShape,
  entitlement: string,
  anchors: readonly string[],
): Promise<ReadonlyMap<string, readonly Standing[]>> {
  const { owner, holder, table, lock } = shape;
  const holds = holding(dialect, shape, entitlement);
  const free = shape.syntax ? "1 = 1" : `${column(holder)} IS NULL`;
  const standing = `CASE WHEN ${holds} THEN 'Held' WHEN ${free} THEN 'Free' ELSE 'Other' END`;
  const queries = dialect.lookUp({
    what: `${column(owner)}, ${standing}`,
    from: `${table} t`,
    columns: [owner],
    rows: anchors.map((anchor) => [owner.codec.encode(anchor)]),
    condition: shape.mode === "Join" ? holds : "",
    tail: ` ORDER BY ${column(owner)}${lock}`,
  });
  const rows = await allRows(queries, (query) => session.query(query));
  const standings = new Map<string, Standing[]>();
  for (const [cell, text] of rows) {
    const anchor = owner.codec.decode(cell!);
    const known = standings.get(anchor) ?? [];
    standings.set(anchor, [...known, text as Standing]);
  }
  return standings;
}

function holding(dialect: Dialect, { syntax, holder }: EntitlementShape, entitlement: string): string {
  const literal = keyLiteral(dialect, holder, entitlement);
  return syntax ? syntax.has(column(holder), literal) : `${column(holder)} = ${literal}`;
}
