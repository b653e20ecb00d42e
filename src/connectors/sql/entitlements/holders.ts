import type { Session } from "../database.ts";
import type { Dialect } from "../dialect.ts";
import { allRows } from "../rows.ts";
import { type EntitlementSource, keyLiteral } from "./shape.ts";

/** Which of these accounts hold the entitlement. */
export async function readHolders(
  session: Session,
  dialect: Dialect,
  { holder, owner, members }: EntitlementSource,
  entitlement: string,
  anchors: readonly string[],
): Promise<ReadonlySet<string>> {
  const queries = dialect.lookUp({
    what: "t.a",
    from: `(${members}) t`,
    columns: [{ ...owner, name: "a" }],
    rows: anchors.map((anchor) => [owner.codec.encode(anchor)]),
    condition: `t.e = ${keyLiteral(dialect, holder, entitlement)}`,
  });
  const rows = await allRows(queries, (query) => session.query(query));
  return new Set(rows.map(([anchor]) => owner.codec.decode(anchor!)));
}
