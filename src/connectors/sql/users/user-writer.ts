import type { AccountRecord } from "../../../core/model/account.ts";
import { StoreError } from "../../errors.ts";
import { assignmentsOf, type Create, type Delete, type Modify } from "../assign.ts";
import type { Session } from "../database.ts";
import { SqlError, wrongCount } from "../errors.ts";
import { AccountReader } from "../read.ts";
import type { UsersBlock } from "../schema.ts";
import type { AccountWriter, Held, Ready, Written } from "../writer.ts";
import { eachApart } from "./apart.ts";
import type { UserCatalog, UserChange } from "./catalog.ts";
import type { UsersShape } from "./shape.ts";

/** Makes, changes and removes a database's own users, one after the other. */
export class UserWriter implements AccountWriter {
  readonly isolation = "ReadCommitted";
  readonly #catalog: UserCatalog;
  readonly #shape: UsersShape["accounts"];
  readonly #block: UsersBlock;
  readonly #reader: AccountReader;

  constructor({ catalog, accounts }: UsersShape, block: UsersBlock) {
    this.#catalog = catalog;
    this.#shape = accounts;
    this.#block = block;
    this.#reader = new AccountReader(accounts, []);
  }

  alike(): boolean {
    return true;
  }

  async hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]> {
    const records = await this.#reader.hold(session, anchors);
    const lock = this.#catalog.lock(records.map(({ name }) => name));
    if (lock === undefined || records.length === 0) return records;
    await session.query({ text: lock, values: [] });
    return this.#reader.hold(session, anchors);
  }

  async create(session: Session, items: readonly Ready<Create>[]): Promise<readonly Written[]> {
    const done: Ready<Create>[] = [];
    for (const item of items) if (await this.#make(session, item, items.length === 1)) done.push(item);
    const names = done.map(({ change }) => change.name);
    const found = (await this.#reader.named(session, names)).flat();
    const made = new Map(found.map((record) => [record.name, record]));
    return done.map(({ change }) => written(change.id, made.get(change.name)));
  }

  /** What commits by itself cannot be undone for another's sake: who is refused among several is left out, and tried again alone. */
  async #make(session: Session, item: Ready<Create>, alone: boolean): Promise<boolean> {
    try {
      await this.#catalog.create(eachApart(session), this.#block, this.#user(item, item.change.name));
      return true;
    } catch (error) {
      const refused = error instanceof StoreError && !(error instanceof SqlError && error.scope !== "Row");
      if (!alone && !this.#catalog.transactional && refused) return false;
      throw refused && error.kind === "Conflict" ? this.#taken() : error;
    }
  }

  #taken(): SqlError {
    const { memberOf } = this.#block;
    const cure =
      memberOf === undefined ? "" : `: if it is not one of ${memberOf}, grant it that role, or drop it`;
    return new SqlError("Conflict", "Row", `there is a user or role of that name${cure}`);
  }

  async modify(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]> {
    for (const item of items) {
      refuseProtected(item.record);
      await this.#catalog.change(eachApart(session), this.#user(item, item.record.name));
    }
    const anchors = items.map(({ record }) => record.anchor);
    const now = new Map((await this.#reader.hold(session, anchors)).map((record) => [record.anchor, record]));
    return items.map(({ change, record }) => written(change.id, now.get(record.anchor)));
  }

  async delete(session: Session, items: readonly Held<Delete>[]): Promise<void> {
    for (const { record } of items) {
      refuseProtected(record);
      await this.#catalog.remove(eachApart(session), this.#block, record.name);
    }
    const anchors = items.map(({ record }) => record.anchor);
    const left = await this.#reader.hold(session, anchors);
    if (left.length > 0) throw new StoreError("Invalid", "the database did not remove it");
  }

  #user({ change, row }: Ready<Create | Modify>, name: string): UserChange {
    return {
      name,
      assignments: assignmentsOf(row).filter(({ column }) => column !== this.#shape.key),
      password: change.password,
      rename: change.kind === "modify" ? change.rename : undefined,
    };
  }
}

function refuseProtected(record: AccountRecord): void {
  if (record.protected !== undefined) throw new StoreError("Denied", record.protected);
}

function written(id: number, record: AccountRecord | undefined): Written {
  if (!record) throw wrongCount(0);
  const { anchor, name, version } = record;
  return { id, anchor, name, version };
}
