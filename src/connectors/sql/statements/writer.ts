import type { AccountRecord } from "../../../core/model/account.ts";
import { StoreError } from "../../errors.ts";
import { type Assignments, assignmentsOf, type Create, type Delete, type Modify } from "../assign.ts";
import type { Session } from "../database.ts";
import { SqlError, wrongCount } from "../errors.ts";
import { AccountReader } from "../read.ts";
import type { StatementsBlock } from "../schema.ts";
import { findColumn, type Shape } from "../shape.ts";
import { toCell } from "../values.ts";
import type { AccountWriter, Held, Ready, Written } from "../writer.ts";
import { type Parameter, runScript } from "./script.ts";

type Cells = Readonly<Record<string, string | null>>;

/**
 * Writes by statements of the manifest, one after the other in a transaction that sees one snapshot. What a statement says of itself is not
 * enough: the account is read again, and has to be there once, gone, enabled or disabled, as was asked.
 */
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

  alike(): boolean {
    return true;
  }

  hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]> {
    return this.#reader.hold(session, anchors);
  }

  async create(session: Session, items: readonly Ready<Create>[]): Promise<readonly Written[]> {
    const names = items.map(({ change }) => change.name);
    const taken = await this.#reader.named(session, names);
    for (const [index, { change, row }] of items.entries()) {
      if (taken[index]!.length > 0) throw new StoreError("Conflict", "there is an account of that name");
      const state = { name: change.name, enabled: String(change.enabled) };
      await this.#run(session, "insert", { ...this.#blank(), ...assigned(row), ...state });
    }
    const made = await this.#reader.named(session, names);
    const all: Written[] = [];
    for (const [index, { change }] of items.entries()) {
      const record = theOne(made[index]);
      all.push(written(change.id, await this.#inState(session, record, change)));
    }
    return all;
  }

  async modify(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]> {
    const silent = new Set<Modify>();
    for (const { change, record, row } of items) {
      const name = change.rename ?? record.name;
      const cells = { ...this.#cells(record), ...assigned(row), name };
      const updates = change.attributes.length > 0 || change.rename !== undefined;
      if (updates && !(await this.#run(session, "update", cells))) silent.add(change);
      if (change.enabled !== undefined && change.enabled !== record.enabled)
        await this.#run(session, change.enabled ? "enable" : "disable", cells);
    }
    const now = await this.#again(session, items);
    return items.map(({ change, record }) => {
      const found = theOne(now.get(record.anchor));
      if (silent.has(change)) refuseUnchanged(change, record, found);
      refuseState(change, found);
      return written(change.id, found);
    });
  }

  async delete(session: Session, items: readonly Held<Delete>[]): Promise<void> {
    for (const { record } of items) await this.#run(session, "delete", this.#cells(record));
    if ((await this.#again(session, items)).size > 0) throw notDone("delete", "the account is still there");
  }

  /** Where the insert does not use `:enabled`, a disabled account is made and disabled. */
  async #inState(session: Session, record: AccountRecord, change: Create): Promise<AccountRecord> {
    if (record.enabled === undefined || record.enabled === change.enabled) return record;
    await this.#run(session, change.enabled ? "enable" : "disable", this.#cells(record));
    const now = theOne(await this.hold(session, [record.anchor]));
    refuseState(change, now);
    return now;
  }

  async #again(
    session: Session,
    items: readonly Held<Modify | Delete>[],
  ): Promise<ReadonlyMap<string, readonly AccountRecord[]>> {
    const anchors = items.map(({ record }) => record.anchor);
    return Map.groupBy(await this.hold(session, anchors), ({ anchor }) => anchor);
  }

  async #run(session: Session, name: Exclude<keyof StatementsBlock, "scan">, cells: Cells): Promise<boolean> {
    const { dialect, relation } = this.#shape;
    const parameters = Object.entries(cells).map(([parameter, cell]): [string, Parameter] => [
      parameter,
      { cell, column: findColumn(relation, dialect, parameter) },
    ]);
    return runScript(session, dialect, this.#block, name, Object.fromEntries(parameters));
  }

  /** Every column of the account as it is now. */
  #cells(record: AccountRecord): Cells {
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

  #blank(): Cells {
    return Object.fromEntries(this.#shape.relation.columns.map(({ name }) => [name, null]));
  }
}

function assigned(row: Assignments): Cells {
  return Object.fromEntries(assignmentsOf(row).map(({ column, cell }) => [column.name, cell]));
}

function theOne(found: readonly AccountRecord[] = []): AccountRecord {
  if (found.length !== 1) throw wrongCount(found.length);
  return found[0]!;
}

function written(id: number, { anchor, name, version }: AccountRecord): Written {
  return { id, anchor, name, version };
}

/** A procedure may do nothing and not say so. What it, or a trigger, makes of a value is its own affair. */
function refuseUnchanged(change: Modify, before: AccountRecord, now: AccountRecord): void {
  const values = (record: AccountRecord, name: string) => JSON.stringify(record.attributes[name] ?? []);
  const asked = change.attributes.filter(({ name, after }) => values(before, name) !== JSON.stringify(after));
  const same = asked.every(({ name }) => values(before, name) === values(now, name));
  if (
    (asked.length > 0 && same) ||
    ((change.rename ?? before.name) !== before.name && now.name === before.name)
  )
    throw notDone("update", "the account is as it was");
}

function refuseState({ enabled }: Create | Modify, now: AccountRecord): void {
  if (enabled !== undefined && now.enabled !== undefined && now.enabled !== enabled)
    throw notDone(enabled ? "enable" : "disable", "the account is not in that state");
}

function notDone(name: string, why: string): SqlError {
  return new SqlError("Invalid", "Row", `statement ${name} did not do what it should: ${why}`);
}
