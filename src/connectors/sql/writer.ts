import type { AccountRecord } from "../../core/model/account.ts";
import type { Assignments, Create, Delete, Modify } from "./assign.ts";
import type { Isolation, Session } from "./database.ts";

/** A change that is ready to be made: what it assigns, and the account it is about, held in this transaction. */
export interface Ready<Change> {
  readonly change: Change;
  readonly row: Assignments;
}

export interface Held<Change> extends Ready<Change> {
  readonly record: AccountRecord;
}

/** An account after its change. */
export interface Written {
  readonly id: number;
  readonly anchor: string;
  readonly name: string;
  readonly version?: string;
}

/**
 * Makes changes of accounts: by one statement for many rows of a table, or by own statements. Each method does all or throws; a
 * `SqlError` of scope `Row` has the caller try smaller parts.
 */
export interface AccountWriter {
  readonly isolation: Isolation;
  /** Whether two changes can be made by one call. */
  alike(one: Ready<Create | Modify>, other: Ready<Create | Modify>): boolean;
  /** The accounts of these anchors as they are now, kept from others where the database can. */
  hold(session: Session, anchors: readonly string[]): Promise<readonly AccountRecord[]>;
  /** With savepoints it may leave out those whose name is taken. */
  create(session: Session, items: readonly Ready<Create>[]): Promise<readonly Written[]>;
  modify(session: Session, items: readonly Held<Modify>[]): Promise<readonly Written[]>;
  delete(session: Session, items: readonly Held<Delete>[]): Promise<void>;
}
