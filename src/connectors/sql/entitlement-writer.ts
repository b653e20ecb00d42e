import type { Member, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { bisect } from "./batch.ts";
import type { Session } from "./database.ts";
import { type Column, type Dialect, given, type Query } from "./dialect.ts";
import { type EntitlementList, type EntitlementShape, fits, keyLiteral } from "./entitlement-shape.ts";
import { SqlError, wrongCount } from "./errors.ts";
import { quoteIdentifier, quoteText } from "./names.ts";
import { column } from "./read.ts";
import { toCell } from "./values.ts";

export type Members = Extract<StoreChange, { kind: "members" }>;
type Statement = (relation: Query, entitlement: string) => string;

/** Gives and takes entitlements, many accounts in a statement. */
export class EntitlementWriter {
  readonly #dialect: Dialect;
  readonly #shape: EntitlementShape | undefined;

  constructor(dialect: Dialect, shape: EntitlementShape | undefined) {
    this.#dialect = dialect;
    this.#shape = shape;
  }

  async change(session: Session, change: Members): Promise<Outcome> {
    if (!this.#shape) throw new StoreError("Invalid", "the target does not say where its entitlements are");
    const anchor = await this.#entitlement(session, this.#shape, change);
    const refused = new Map<string, StoreError>();
    const statements = { remove: removals[this.#shape.mode], add: additions[this.#shape.mode] };
    for (const kind of ["remove", "add"] as const) {
      const members = change[kind].toSorted((a, b) => (a.anchor < b.anchor ? -1 : 1));
      for (let at = 0; at < members.length; at += this.#dialect.batch) {
        const part = members.slice(at, at + this.#dialect.batch);
        for (const [key, error] of await this.#members(
          session,
          anchor,
          part,
          statements[kind],
          kind === "add",
        ))
          refused.set(key, error);
      }
    }
    return { id: change.id, ok: true, anchor, name: change.name, ...(refused.size > 0 ? { refused } : {}) };
  }

  /** Those that were refused. */
  #members(
    session: Session,
    entitlement: string,
    members: readonly Member[],
    statement: (shape: EntitlementShape, dialect: Dialect) => Statement,
    adds: boolean,
  ): Promise<readonly (readonly [string, StoreError])[]> {
    const shape = this.#shape!;
    const { dialect, text } = {
      dialect: this.#dialect,
      text: statement(shape, this.#dialect),
    };
    const literal = keyLiteral(dialect, shape.holder, entitlement);
    const run = async (part: readonly Member[]) => {
      const relation = dialect.relation(
        part.map(({ anchor }) => [shape.owner.codec.encode(anchor)]),
        1,
      );
      const returning = ` RETURNING ${quoteIdentifier(shape.owner.name)}`;
      const { rows } = await session.query({
        text: `${text(relation, literal)}${returning}`,
        values: relation.values,
      });
      const touched = new Set(rows.map((row) => String(row[0])));
      if (touched.size < rows.length) throw wrongCount(rows.length);
      if (adds && shape.mode !== "Join" && rows.length < part.length)
        await this.#holdAll(session, shape, part, literal);
      return [];
    };
    return bisect(session, members, run, ({ anchor, name }, error) => [
      anchor,
      new StoreError(error.kind, `account ${name}: ${error.message}`),
    ]);
  }

  /** In a column, who was not updated must have it already. */
  async #holdAll(
    session: Session,
    shape: EntitlementShape,
    members: readonly Member[],
    literal: string,
  ): Promise<void> {
    const dialect = this.#dialect;
    const relation = dialect.relation(
      members.map(({ anchor }) => [shape.owner.codec.encode(anchor)]),
      1,
    );
    const text = `SELECT count(*), count(CASE WHEN ${holds(shape, literal)} THEN 1 END) FROM ${relation.text} CROSS JOIN ${shape.table} AS t WHERE ${dialect.equals(column(shape.owner), given(0), shape.owner)}`;
    const { rows } = await session.query({ text, values: relation.values });
    const [there, holding] = rows[0]!.map(Number);
    if (there! < members.length) throw new SqlError("NotFound", "Row", "the account is gone");
    if (holding! < members.length)
      throw new SqlError("Conflict", "Row", `column ${shape.holder.name} holds another entitlement`);
  }

  async #entitlement(session: Session, shape: EntitlementShape, change: Members): Promise<string> {
    const { list } = shape;
    if (change.create) {
      if (!list)
        throw new StoreError(
          "Invalid",
          "only entitlements in a list (entitlements.join.list) can be created",
        );
      return this.#create(session, list, change);
    }
    const anchor = change.entitlement;
    if (anchor === undefined) throw new StoreError("Invalid", "it is neither there nor to be created");
    if (list) await this.#updateListed(session, list, anchor, change);
    return anchor;
  }

  async #create(session: Session, list: EntitlementList, change: Members): Promise<string> {
    const given_ = Object.entries(change.create!.attributes)
      .filter(([name, values]) => values.length > 0 && name !== list.name.name)
      .map(([name, values]) => {
        const found = listColumn(list, name);
        return { column: found, cell: toCell(this.#dialect, found, values) };
      });
    const named = { column: list.name, cell: toCell(this.#dialect, list.name, [change.name]) };
    const assigned = [named, ...given_];
    const names = assigned.map((one) => quoteIdentifier(one.column.name)).join(", ");
    const relation = this.#dialect.relation([assigned.map(({ cell }) => cell)], assigned.length);
    const values = assigned.map((one, index) => this.#dialect.cast(given(index), one.column)).join(", ");
    const { rows } = await session.query({
      text: `INSERT INTO ${list.table} (${names}) SELECT ${values} FROM ${relation.text} RETURNING ${quoteIdentifier(list.id.name)}`,
      values: relation.values,
    });
    if (rows.length !== 1) throw wrongCount(rows.length);
    return list.id.codec.decode(rows[0]![0]!);
  }

  async #updateListed(
    session: Session,
    list: EntitlementList,
    anchor: string,
    change: Members,
  ): Promise<void> {
    const gone = new StoreError("NotFound", "there is no such entitlement");
    if (!fits(list.id, anchor)) throw gone;
    const where = `WHERE t.${quoteIdentifier(list.id.name)} = ${literalOf(this.#dialect, list.id, anchor)}`;
    const there = await session.query({ text: `SELECT 1 FROM ${list.table} AS t ${where}`, values: [] });
    if (there.count === 0) throw gone;
    const deltas = change.update ?? [];
    if (deltas.length === 0) return;
    const set = deltas.map(({ name, after }) => {
      const found = listColumn(list, name);
      const cell = toCell(this.#dialect, found, after);
      const value = cell === null ? "NULL" : this.#dialect.cast(quoteText(cell), found);
      return `${quoteIdentifier(found.name)} = ${value}`;
    });
    const { count } = await session.query({
      text: `UPDATE ${list.table} AS t SET ${set.join(", ")} ${where}`,
      values: [],
    });
    if (count !== 1) throw wrongCount(count);
  }
}

const owners = (shape: EntitlementShape, dialect: Dialect, relation: Query) =>
  `${column(shape.owner)} IN (SELECT ${dialect.cast(given(0), shape.owner)} FROM ${relation.text})`;

const holds = (shape: EntitlementShape, literal: string) =>
  shape.syntax ? shape.syntax.has(column(shape.holder), literal) : `${column(shape.holder)} = ${literal}`;

const update = (shape: EntitlementShape, value: string) =>
  `UPDATE ${shape.table} AS t SET ${quoteIdentifier(shape.holder.name)} = ${value}`;

type Statements = Readonly<
  Record<EntitlementShape["mode"], (shape: EntitlementShape, dialect: Dialect) => Statement>
>;

const additions: Statements = {
  Column: (shape, dialect) => (relation, literal) =>
    `${update(shape, literal)} WHERE ${column(shape.holder)} IS NULL AND ${owners(shape, dialect, relation)}`,
  Array: (shape, dialect) => (relation, literal) =>
    `${update(shape, shape.syntax!.add(column(shape.holder), literal))} WHERE NOT ${holds(shape, literal)} AND ${owners(shape, dialect, relation)}`,
  Join: (shape, dialect) => (relation, literal) => {
    const names = [shape.owner, shape.holder].map((one) => quoteIdentifier(one.name)).join(", ");
    const there = `${dialect.equals(column(shape.owner), given(0), shape.owner)} AND ${holds(shape, literal)}`;
    return `INSERT INTO ${shape.table} (${names}) SELECT ${dialect.cast(given(0), shape.owner)}, ${literal} FROM ${relation.text} WHERE NOT EXISTS (SELECT 1 FROM ${shape.table} AS t WHERE ${there})`;
  },
};

const removals: Statements = {
  Column: (shape, dialect) => (relation, literal) =>
    `${update(shape, "NULL")} WHERE ${holds(shape, literal)} AND ${owners(shape, dialect, relation)}`,
  Array: (shape, dialect) => (relation, literal) =>
    `${update(shape, shape.syntax!.remove(column(shape.holder), literal))} WHERE ${holds(shape, literal)} AND ${owners(shape, dialect, relation)}`,
  Join: (shape, dialect) => (relation, literal) =>
    `DELETE FROM ${shape.table} AS t WHERE ${holds(shape, literal)} AND ${owners(shape, dialect, relation)}`,
};

function listColumn(list: EntitlementList, name: string): Column {
  const found = [list.id, ...list.attributes].find((one) => one.name === name);
  if (!found) throw new StoreError("Invalid", `there is no column ${name} in the list of entitlements`);
  return found;
}

function literalOf(dialect: Dialect, one: Column, key: string): string {
  return dialect.cast(quoteText(one.codec.encode(key)), one);
}
