import type { AttributeDelta, Attributes } from "../../../core/model/values.ts";
import { StoreError } from "../../errors.ts";
import type { Session } from "../database.ts";
import type { Column, Dialect } from "../dialect.ts";
import { wrongCount } from "../errors.ts";
import { quoteIdentifier, quoteText } from "../names.ts";
import { column } from "../read.ts";
import { toCell } from "../values.ts";
import { runWrites } from "../writes.ts";
import { type EntitlementList, fits } from "./shape.ts";

/** Makes an entitlement in the list; gives its id. */
export async function createListed(
  session: Session,
  dialect: Dialect,
  list: EntitlementList,
  name: string,
  attributes: Attributes,
): Promise<string> {
  const more = Object.entries(attributes)
    .filter(([name, values]) => values.length > 0 && name !== list.name.name)
    .map(([name, values]) => {
      const found = listColumn(list, name);
      return { column: found, cell: toCell(dialect, found, values) };
    });
  const assigned = [{ column: list.name, cell: toCell(dialect, list.name, [name]) }, ...more];
  const returning = dialect.returning.insert ? { returned: quoteIdentifier(list.id.name) } : {};
  const writes = dialect.insert(
    list.table,
    assigned.map(({ column }) => column),
    [assigned.map(({ cell }) => cell)],
    returning,
  );
  const returned = await runWrites(session, writes);
  const rows = dialect.returning.insert
    ? returned
    : (await session.query(select(dialect, list, list.name, name))).rows;
  if (rows.length !== 1) throw wrongCount(rows.length);
  return list.id.codec.decode(rows[0]![0]!);
}

export async function updateListed(
  session: Session,
  dialect: Dialect,
  list: EntitlementList,
  anchor: string,
  deltas: readonly AttributeDelta[],
): Promise<void> {
  const gone = new StoreError("NotFound", "there is no such entitlement");
  if (!fits(list.id, anchor)) throw gone;
  const { count } = await session.query(select(dialect, list, list.id, anchor));
  if (count === 0) throw gone;
  if (deltas.length === 0) return;
  const assigned = deltas.map(({ name, after }) => {
    const found = listColumn(list, name);
    return { column: found, cell: toCell(dialect, found, after) };
  });
  const columns = [list.id, ...assigned.map(({ column }) => column)] as const;
  const row = [list.id.codec.encode(anchor), ...assigned.map(({ cell }) => cell)];
  await runWrites(session, dialect.update(list.table, columns, [row], quoteIdentifier(list.id.name)));
}

function select(dialect: Dialect, list: EntitlementList, by: Column, key: string) {
  const literal = dialect.cast(quoteText(by.codec.encode(key)), by);
  return {
    text: `SELECT ${column(list.id)} FROM ${list.table} t WHERE ${column(by)} = ${literal}`,
    values: [],
  };
}

function listColumn(list: EntitlementList, name: string): Column {
  const found = [list.id, ...list.attributes].find((one) => one.name === name);
  if (!found) throw new StoreError("Invalid", `there is no column ${name} in the list of entitlements`);
  return found;
}
