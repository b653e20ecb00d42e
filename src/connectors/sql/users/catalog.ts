import type { NewPassword } from "../../contract.ts";
import type { Assignment } from "../assign.ts";
import type { Session } from "../database.ts";
import type { Column } from "../dialect.ts";
import type { UsersBlock } from "../schema.ts";
import type { DisabledColumn } from "../shape.ts";

/** An attribute of a database's users. */
export interface UserAttribute {
  readonly column: Column;
  /** Its value as SQL over the row `r` of the catalog. */
  readonly read: string;
}

/** In which parts of its catalog a database shows its users, roles and privileges, each as a SELECT. */
export interface UserViews {
  /**
   * `id`, `name`, `disabled`, `protected` (why nobody may change it, or NULL), `trouble` (what else keeps it from logging in, or
   * NULL), and a column for each attribute.
   */
  readonly accounts: string;
  /** `id`, `name` and `comment` of all that could be granted: roles by name, privileges by their text (`SELECT ON TABLE app.users`). */
  readonly grantable: string;
  /** The same without the privileges that no account has. */
  readonly granted: string;
  /** The entitlement's id `e` and the account's id `a` of everything that accounts hold. */
  readonly members: string;
  /** The names of all roles. */
  readonly everyRole: string;
  /** Has a row where the right to see what others hold is there. Absent where nothing is hidden from anybody. */
  readonly visible?: string;
}

/** A user to be made or changed. */
export interface UserChange {
  readonly name: string;
  /** Of attributes, and of the column `disabled`. */
  readonly assignments: readonly Assignment[];
  readonly password: NewPassword | undefined;
  readonly rename: string | undefined;
}

export interface GrantedThing {
  readonly id: string;
  readonly name: string;
}

/**
 * A database's own users as accounts. What is said to them takes no parameters: names and texts are quoted by construction, and
 * no password stands in a statement.
 */
export interface UserCatalog {
  /** Whether statements are undone with their transaction; otherwise each commits by itself. */
  readonly transactional: boolean;
  /** Whether a user can be renamed without becoming another one. */
  readonly renames: boolean;
  readonly id: Column;
  readonly name: Column;
  readonly disabled: DisabledColumn;
  /** Those it has, and those among `wanted` that this very server knows besides. */
  attributes(session: Pick<Session, "query">, wanted: readonly string[]): Promise<readonly UserAttribute[]>;
  views(block: UsersBlock, attributes: readonly UserAttribute[]): UserViews;
  /** Keeps others from changing these users until the transaction ends; undefined where the database cannot. */
  lock(names: readonly string[]): string | undefined;
  /** Each leaves nothing half made that could log in. */
  create(session: Session, block: UsersBlock, user: UserChange): Promise<void>;
  change(session: Session, user: UserChange): Promise<void>;
  remove(session: Session, block: UsersBlock, name: string): Promise<void>;
  createRole(name: string): string;
  /** Sets a role's comment; undefined for what can have none. */
  describe(entitlement: GrantedThing, comment: string | null): string | undefined;
  /** Gives the entitlement to these users, or takes it from them. */
  grant(kind: "add" | "remove", entitlement: GrantedThing, users: readonly string[]): string;
}
