import type { AccountRecord } from "../../core/model/account.ts";
import { StoreError } from "../errors.ts";
import type { Create, Delete, Modify } from "./assign.ts";
import type { Session } from "./database.ts";
import { wrongCount } from "./errors.ts";
import { AccountReader } from "./read.ts";
import type { StatementsBlock } from "./schema.ts";
import { findColumn, type Shape } from "./shape.ts";
import { fillStatement, parseStatement } from "./statements.ts";
import { toCell } from "./values.ts";
import type { AccountWriter, Held, Ready, Written } from "./writer.ts";

type Name = Exclude<keyof StatementsBlock, "scan">;
type Parameters = Readonly<Record<string, string | null>>;

/** Writes by statements of the manifest, one after the other in a transaction that sees one snapshot. */
export class StatementWriter implements AccountWriter {
  readonly isolation = "RepeatableRead";
  readonly #shape: Shape;
  readonly #block: StatementsBlock;
  readonly #reader: AccountReader;

  constructor(shape: Shape, block: StatementsBlock) {
    this.#shape = shape;
    this.#block = block;
    // An update may set every column, those that are not mapped too.
    this.#reader = new AccountReader(
      shape,
      shape.relation.columns.map(({ name }) => name),
    );
  }

  group(): string {
    return "";
  }

  hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]> {
    return this.#reader.hold(session, anchors);
  }

  async create(session: Session, items: readonly Ready<Create>[]): Promise<readonly Written[]> {
    const names = items.map(({ change }) => change.name);
    const taken = new Set((await this.#reader.named(session, names)).map(({ name }) => name));
    for (const { change, assignments } of items) {
      if (taken.has(change.name)) throw new StoreError("Conflict", "there is an account of that name");
      const set = Object.fromEntries(assignments.map(({ column, cell }) => [column.name, cell]));
      await this.#run(session, "insert", {
        ...this.#blank(),
        ...set,
        name: change.name,
        enabled: String(change.enabled),
      });
    }
    const made = Map.groupBy(await this.#reader.named(session, names), ({ name }) => name);
    const written: Written[] = [];
    for (const { change } of items) {
      const found = made.get(change.name) ?? [];
      if (found.length !== 1) throw wrongCount(found.length);
      written.push(await this.#disabled(session, change, found[0]!));
    }
    return written;
  }

  async modify(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]> {
    for (const { change, record, assignments } of items) {
      const parameters = {
        ...this.#parameters(record),
        ...Object.fromEntries(assignments.map(({ column, cell }) => [column.name, cell])),
        name: change.rename ?? record.name,
      };
      if (change.attributes.length > 0 || change.rename !== undefined)
        await this.#run(session, "update", parameters);
      if (change.enabled !== undefined && change.enabled !== record.enabled)
        await this.#run(session, change.enabled ? "enable" : "disable", parameters);
    }
    return this.#reread(session, items);
  }

  async delete(session: Session, items: readonly Held<Delete>[]): Promise<void> {
    for (const { record } of items) await this.#run(session, "delete", this.#parameters(record));
  }

  /** Where the insert has no `:enabled`, a disabled account is made and disabled. */
  async #disabled(session: Session, change: Create, record: AccountRecord): Promise<Written> {
    if (record.enabled === undefined || record.enabled === change.enabled) return written(change, record);
    await this.#run(session, change.enabled ? "enable" : "disable", this.#parameters(record));
    const [now] = await this.hold(session, [record.anchor]);
    return written(change, now ?? record);
  }

  async #reread(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]> {
    const now = await this.hold(
      session,
      items.map(({ record }) => record.anchor),
    );
    const records = Map.groupBy(now, ({ anchor }) => anchor);
    return items.map(({ change, record }) => {
      const found = records.get(record.anchor) ?? [];
      if (found.length !== 1) throw wrongCount(found.length);
      return written(change, found[0]!);
    });
  }

  async #run(session: Session, name: Name, parameters: Parameters): Promise<void> {
    const source = this.#block[name];
    if (source === undefined) throw new StoreError("Invalid", `the target has no statement for ${name}`);
    const statement = parseStatement(source);
    const { dialect, relation } = this.#shape;
    const values: (string | null)[] = [];
    const text = fillStatement(statement, (parameter) => {
      if (!(parameter in parameters))
        throw new StoreError("Invalid", `statement ${name} has the unknown parameter :${parameter}`);
      values.push(parameters[parameter]!);
      return dialect.bare(dialect.placeholder(values.length), findColumn(relation, dialect, parameter));
    });
    const { count } = await session.query({ text, values });
    if (count !== 1) throw wrongCount(count);
  }

  /** Every column of the account as it is now. */
  #parameters(record: AccountRecord): Parameters {
    const { relation, dialect } = this.#shape;
    const cells = relation.columns.map((column) => [
      column.name,
      toCell(dialect, column, record.attributes[column.name] ?? []),
    ]);
    return {
      ...Object.fromEntries(cells),
      id: record.anchor,
      name: record.name,
      version: record.version,
      enabled: String(record.enabled ?? true),
    };
  }

  #blank(): Parameters {
    return Object.fromEntries(this.#shape.relation.columns.map(({ name }) => [name, null]));
  }
}

function written(change: Create | Modify, { anchor, name, version }: AccountRecord): Written {
  return { id: change.id, anchor, name, version };
}
