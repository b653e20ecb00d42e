import type { AccountRecord } from "../../core/model/account.ts";
import type { Create, Delete, Modify } from "./assign.ts";
import type { Isolation, Row, Session } from "./database.ts";
import type { Column } from "./dialect.ts";
import { SqlError, wrongCount } from "./errors.ts";
import { quoteIdentifier, quoteTable, quoteText } from "./names.ts";
import { AccountReader } from "./read.ts";
import type { TableBlock } from "./schema.ts";
import { findColumn, type Shape } from "./shape.ts";
import { toText } from "./values.ts";
import type { AccountWriter, Held, Ready, Written } from "./writer.ts";
import { runWrites } from "./writes.ts";

/** Writes the rows of one table, many in a statement. */
export class TableWriter implements AccountWriter {
  readonly #shape: Shape;
  readonly #block: TableBlock;
  readonly #table: string;
  readonly #reader: AccountReader;

  constructor(shape: Shape, block: TableBlock) {
    this.#shape = shape;
    this.#block = block;
    this.#table = quoteTable(block.name);
    this.#reader = new AccountReader(shape, []);
  }

  /** A view's rows cannot be locked, so there one snapshot has to do. */
  get isolation(): Isolation {
    return this.#shape.relation.unique === undefined ? "RepeatableRead" : "ReadCommitted";
  }

  /** Those that set the same columns. */
  alike({ row: { columns } }: Ready<Create | Modify>, other: Ready<Create | Modify>): boolean {
    const others = other.row.columns;
    return columns.length === others.length && columns.every((column, index) => column === others[index]);
  }

  hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]> {
    return this.#reader.hold(session, anchors);
  }

  /**
   * Rows go in the order of their names, as everybody's should, so that two writers wait for each other and never deadlock.
   * Where a name is taken, all others go in at once, and the caller tries each of the rest alone.
   */
  async create(session: Session, items: readonly Ready<Create>[]): Promise<readonly Written[]> {
    const sorted = items.toSorted((a, b) => (a.change.name < b.change.name ? -1 : 1));
    const { dialect } = this.#shape;
    if (sorted.length === 1 || session.mode === "Whole" || !dialect.skips)
      return this.#insert(session, sorted, false);
    try {
      return await session.savepoint(() => this.#insert(session, sorted, false));
    } catch (error) {
      if (!(error instanceof SqlError && error.kind === "Conflict")) throw error;
      return this.#insert(session, sorted, true);
    }
  }

  async modify(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]> {
    const { columns } = items[0]!.row;
    if (columns.length === 0) return items.map(({ change, record }) => ({ ...record, id: change.id }));
    const { dialect, id } = this.#shape;
    const rows = items.map(({ record, row }) => [id.codec.encode(record.anchor), ...row.cells]);
    const returned = await runWrites(
      session,
      dialect.update(this.#table, [id, ...columns], rows, this.#returned()),
    );
    // A row that is known by its name is known by another one after a rename.
    const known = ({ change, record }: Held<Modify>) =>
      id === this.#shape.key ? (change.rename ?? record.anchor) : record.anchor;
    const anchors = items.map(known);
    return this.#matched(
      session,
      dialect.returning.update
        ? returned.map((row) => this.#written(row))
        : await this.hold(session, anchors),
      new Map(items.map((item) => [known(item), item.change.id])),
      ({ anchor }) => anchor,
    );
  }

  async delete(session: Session, items: readonly Held<Delete>[]): Promise<void> {
    const { dialect, id } = this.#shape;
    const cells = items.map(({ record }) => id.codec.encode(record.anchor));
    await runWrites(session, dialect.touch(this.#table, this.#mark(), id, cells));
  }

  async #insert(
    session: Session,
    items: readonly Ready<Create>[],
    skipTaken: boolean,
  ): Promise<readonly Written[]> {
    const { dialect } = this.#shape;
    const { insert: returning } = dialect.returning;
    const { columns } = items[0]!.row;
    const rows = items.map(({ row }) => row.cells);
    const versions = skipTaken ? undefined : await this.#foreseen(session, columns, rows);
    if (versions) {
      await runWrites(session, dialect.insert(this.#table, columns, rows, {}));
      return items.map(({ change: { id, name } }, index) => {
        return { id, anchor: name, name, version: versions[index]! };
      });
    }
    const options = { skipTaken, ...(returning ? { returned: this.#returned() } : {}) };
    const returned = await runWrites(session, dialect.insert(this.#table, columns, rows, options));
    const names = items.map(({ change }) => change.name);
    const written = returning
      ? returned.map((row) => this.#written(row))
      : (await this.#reader.named(session, names)).flat();
    // A trigger may have changed the name; of one row that was returned it is clear whose it is.
    if (returning && items.length === 1)
      return this.#reread(session, [{ ...written[0]!, id: items[0]!.change.id }]);
    if (!returning && written.length !== items.length) throw renamed(written.length, items.length);
    return this.#matched(
      session,
      written,
      new Map(items.map(({ change }) => [change.name, change.id])),
      ({ name }) => name,
    );
  }

  /** The versions of new rows that are known by their names, where nobody has to ask. */
  async #foreseen(
    session: Session,
    columns: readonly Column[],
    rows: readonly (readonly (string | null)[])[],
  ): Promise<readonly string[] | undefined> {
    const { id, key, version } = this.#shape;
    return id === key ? version.foresee?.(session, { key, columns, rows }) : undefined;
  }

  /** Ties rows to their changes. */
  async #matched(
    session: Session,
    rows: readonly Omit<Written, "id">[],
    ids: Map<string, number>,
    keyOf: (row: Omit<Written, "id">) => string,
  ): Promise<readonly Written[]> {
    const written = rows.map((row): Written => {
      const key = keyOf(row);
      const id = ids.get(key);
      ids.delete(key);
      if (id === undefined) throw wrongCount(rows.length);
      const { anchor, name, version } = row;
      return version === undefined ? { id, anchor, name } : { id, anchor, name, version };
    });
    return this.#reread(session, written);
  }

  /** What RETURNING said may not be what later triggers left. */
  async #reread(session: Session, written: readonly Written[]): Promise<readonly Written[]> {
    if (!this.#shape.relation.rewrites) return written;
    const now = await this.hold(
      session,
      written.map(({ anchor }) => anchor),
    );
    const records = new Map(now.map((record) => [record.anchor, record]));
    return written.map(({ id, anchor, name }) => {
      const record = records.get(anchor);
      return record ? { id, anchor, name: record.name, version: record.version } : { id, anchor, name };
    });
  }

  #returned(): string {
    const { id, key, version } = this.#shape;
    return `${quoteIdentifier(id.name)}, ${quoteIdentifier(key.name)}, ${version.returned}`;
  }

  #written([anchor, name, ...version]: Row): Omit<Written, "id"> {
    const { dialect, id, key } = this.#shape;
    return {
      anchor: toText(dialect, id, anchor!),
      name: toText(dialect, key, name!),
      version: this.#shape.version.of(version),
    };
  }

  /** What a soft delete sets; undefined where rows are really deleted. */
  #mark(): string | undefined {
    const { dialect, relation } = this.#shape;
    const soft = this.#block.softDelete;
    const column = soft && findColumn(relation, dialect, soft.column);
    if (!column) return undefined;
    const mark = soft.value === undefined ? dialect.now : quoteText(column.codec.encode(soft.value));
    return `${quoteIdentifier(column.name)} = ${dialect.cast(mark, column)}`;
  }
}

function renamed(found: number, made: number): SqlError {
  const words = `of ${made} rows that were made, ${found} have the name they were given: a trigger may have changed it, or the column has no unique index`;
  return new SqlError("Invalid", "Row", words);
}
