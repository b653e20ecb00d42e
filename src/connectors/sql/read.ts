import type { AccountRecord, LoginTrouble } from "../../core/model/account.ts";
import type { Attributes } from "../../core/model/values.ts";
import type { Call, FindQuestion, Sighting } from "../contract.ts";
import { StoreError } from "../errors.ts";
import type { Cell } from "./codec.ts";
import type { Database, Row, Session } from "./database.ts";
import type { Column, Query } from "./dialect.ts";
import { quoteIdentifier } from "./names.ts";
import { allRows } from "./rows.ts";
import { findColumn, lockOf, type Shape } from "./shape.ts";
import { toText, toValues } from "./values.ts";

/** Everything that reads accounts of one shape; `wanted` are the attributes that records carry. */
export class AccountReader {
  readonly shape: Shape;
  readonly #wanted: readonly Column[];

  constructor(shape: Shape, wanted: readonly string[]) {
    this.shape = shape;
    const columns = wanted.map((name) => findColumn(shape.relation, shape.dialect, name));
    this.#wanted = [...new Set(columns)].filter((column) => column !== undefined);
  }

  async *scan(database: Database, call: Call): AsyncIterable<readonly Sighting[]> {
    const { dialect, id, key, version, from, live } = this.shape;
    const where = live === "" ? "" : ` WHERE ${live}`;
    const text = `SELECT ${[column(id), column(key), ...version.read].join(", ")} FROM ${from}${where}`;
    for await (const rows of database.stream(text, call)) {
      yield rows.map((row) => ({
        anchor: toText(dialect, id, row[0]!),
        name: toText(dialect, key, row[1]!),
        version: version.of(row.slice(2)),
      }));
    }
  }

  async fetch(database: Database, anchors: readonly string[], call: Call): Promise<AccountRecord[]> {
    const rows = await allRows(this.#byAnchor(anchors), (query) => database.query(query, call));
    return rows.map((row) => this.#record(row));
  }

  /**
   * The records of these anchors as they are in a transaction, in key order, and held until its end where the database can: where it
   * cannot, the transaction sees one snapshot instead.
   */
  async hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]> {
    const { id, relation, dialect } = this.shape;
    const queries = this.#byAnchor(anchors, ` ORDER BY ${column(id)}${lockOf(relation, dialect)}`);
    const rows = await allRows(queries, (query) => session.query(query));
    return rows.map((row) => this.#record(row));
  }

  /** For each name, the accounts in a transaction that the database takes to have it. */
  async named(session: Session, names: readonly string[]): Promise<readonly (readonly AccountRecord[])[]> {
    const answers = names.map((): AccountRecord[] => []);
    const queries = this.#find(
      [this.shape.key],
      names.map((name) => [name]),
    );
    const rows = await allRows(queries, (query) => session.query(query));
    for (const row of rows) answers[Number(row[0]) - 1]!.push(this.#record(row.slice(1)));
    return answers;
  }

  async find(
    database: Database,
    questions: readonly FindQuestion[],
    call: Call,
  ): Promise<readonly (readonly AccountRecord[])[]> {
    const answers: AccountRecord[][] = questions.map(() => []);
    const groups = Map.groupBy(questions.keys(), (index) => {
      const { name, keys } = questions[index]!;
      return name === undefined ? JSON.stringify(Object.keys(keys)) : "name";
    });
    for (const [group, indices] of groups) {
      const names: string[] | undefined = group === "name" ? undefined : JSON.parse(group);
      const columns = names ? names.map((name) => this.#keyColumn(name)) : [this.shape.key];
      const texts = (index: number) =>
        names ? names.map((name) => questions[index]!.keys[name]!) : [questions[index]!.name!];
      const asked = indices.flatMap((index) => {
        const cells = encodeAll(columns, texts(index));
        return cells ? [{ index, cells }] : [];
      });
      if (asked.length === 0) continue;
      const queries = this.#find(
        columns,
        asked.map(({ cells }) => cells),
      );
      const rows = await allRows(queries, (query) => database.query(query, call));
      for (const row of rows) answers[asked[Number(row[0]) - 1]!.index]!.push(this.#record(row.slice(1)));
    }
    return answers;
  }

  #find(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly Query[] {
    const { dialect, from, live } = this.shape;
    const what = this.#recordColumns();
    return dialect.lookUp({ what, from, columns, rows, numbered: true, condition: live });
  }

  #byAnchor(anchors: readonly string[], tail = ""): readonly Query[] {
    const { dialect, id, from, live } = this.shape;
    const rows = anchors.flatMap((anchor) => encodeAll([id], [anchor]) ?? []).map((cell) => [cell]);
    if (rows.length === 0) return [];
    const what = this.#recordColumns();
    return dialect.lookUp({ what, from, columns: [id], rows, condition: live, tail });
  }

  #recordColumns(): string {
    const { id, key, version, disabled, guard = "NULL", trouble = "NULL" } = this.shape;
    const state = disabled ? column(disabled.column) : "NULL";
    const wanted = this.#wanted.map(column);
    return [column(id), column(key), state, guard, trouble, ...wanted, ...version.read].join(", ");
  }

  #record(row: Row): AccountRecord {
    const { dialect, id, key, version } = this.shape;
    const attributes: Record<string, readonly string[]> = {};
    const [why, trouble] = row.slice(3);
    this.#wanted.forEach((one, index) => {
      const values = toValues(dialect, one, row[index + 5]!);
      if (values.length > 0) attributes[one.name] = values;
    });
    return {
      anchor: toText(dialect, id, row[0]!),
      name: toText(dialect, key, row[1]!),
      version: version.of(row.slice(5 + this.#wanted.length)),
      enabled: this.#enabled(row[2]!),
      attributes: attributes satisfies Attributes,
      ...(why == null ? {} : { protected: String(why) }),
      ...(trouble == null ? {} : { trouble: [String(trouble) as LoginTrouble] }),
    };
  }

  #enabled(cell: Cell): boolean | undefined {
    const { dialect, disabled } = this.shape;
    if (!disabled) return undefined;
    const said = toValues(dialect, disabled.column, cell)[0];
    const off = disabled.disabled === null ? undefined : disabled.column.codec.decode(disabled.disabled);
    return said !== off;
  }

  #keyColumn(name: string): Column {
    const found = findColumn(this.shape.relation, this.shape.dialect, name);
    if (!found) throw new StoreError("Invalid", `there is no column ${name} to look accounts up by`);
    return found;
  }
}

export function column(one: Column): string {
  return `t.${quoteIdentifier(one.name)}`;
}

/** A text that a column cannot hold cannot be found in it either. */
function encodeAll(columns: readonly Column[], texts: readonly string[]): string[] | undefined {
  try {
    return columns.map((one, index) => one.codec.encode(texts[index]!));
  } catch {
    return undefined;
  }
}
