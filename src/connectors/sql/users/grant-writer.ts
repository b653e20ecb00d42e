import type { Member, Outcome } from "../../contract.ts";
import { StoreError } from "../../errors.ts";
import { bisect } from "../batch.ts";
import type { Session } from "../database.ts";
import type { Column, Dialect } from "../dialect.ts";
import { readHolders } from "../entitlements/holders.ts";
import { type EntitlementList, keyLiteral } from "../entitlements/shape.ts";
import type { Members } from "../entitlements/writer.ts";
import { SqlError } from "../errors.ts";
import { AccountReader, column } from "../read.ts";
import { toCell } from "../values.ts";
import { eachApart } from "./apart.ts";
import type { GrantedThing } from "./catalog.ts";
import type { UsersShape } from "./shape.ts";

/** Users in one GRANT or REVOKE. */
const portion = 500;

type Refused = readonly [anchor: string, error: StoreError];

/** Grants roles and privileges to accounts, and revokes them. */
export class GrantWriter {
  readonly #shape: UsersShape;
  readonly #dialect: Dialect;
  readonly #list: EntitlementList;
  readonly #accounts: AccountReader;

  constructor(shape: UsersShape) {
    this.#shape = shape;
    this.#dialect = shape.accounts.dialect;
    this.#list = shape.entitlements.list!;
    this.#accounts = new AccountReader(shape.accounts, []);
  }

  async change(shared: Session, change: Members): Promise<Outcome> {
    const session = eachApart(shared);
    const entitlement = change.create
      ? await this.#create(session, change.name)
      : await this.#find(session, this.#list.id, change.entitlement ?? "");
    if (!entitlement) throw new StoreError("NotFound", "there is no such role or privilege");
    const attributes = change.create
      ? Object.entries(change.create.attributes)
      : (change.update ?? []).map(({ name, after }) => [name, after] as const);
    for (const [name, values] of attributes) await this.#describe(session, entitlement, name, values);
    const refused = new Map<string, StoreError>();
    for (const kind of ["remove", "add"] as const)
      for (let at = 0; at < change[kind].length; at += portion) {
        const part = change[kind].slice(at, at + portion);
        for (const [anchor, error] of await this.#members(session, entitlement, part, kind))
          refused.set(anchor, error);
      }
    return {
      id: change.id,
      ok: true,
      anchor: entitlement.id,
      name: entitlement.name,
      ...(refused.size > 0 ? { refused } : {}),
    };
  }

  #members(
    session: Session,
    entitlement: GrantedThing,
    members: readonly Member[],
    kind: "add" | "remove",
  ): Promise<readonly Refused[]> {
    const run = async (part: readonly Member[]) => {
      const anchors = part.map(({ anchor }) => anchor);
      const there = await this.#accounts.hold(session, anchors);
      const kept = there.flatMap((record) =>
        record.protected === undefined ? [] : [refusal(record, "Denied", record.protected)],
      );
      const known = new Set(there.map(({ anchor }) => anchor));
      const gone = part.filter(({ anchor }) => kind === "add" && !known.has(anchor));
      const due = await this.#otherwise(
        session,
        entitlement,
        there.filter((record) => record.protected === undefined),
        kind,
      );
      if (due.length > 0) await this.#run(session, entitlement, due, kind);
      // A database may only warn when it grants or revokes nothing: so who holds it is read again.
      const undone = await this.#otherwise(session, entitlement, due, kind);
      return [
        ...kept,
        ...gone.map((member) => refusal(member, "NotFound", "the account is gone")),
        ...undone.map((member) => refusal(member, "Denied", reasons[kind])),
      ];
    };
    return bisect(session, members, run, (member, error) => refusal(member, error.kind, error.message));
  }

  /** Those who hold it and should not, or the other way round. */
  async #otherwise(
    session: Session,
    entitlement: GrantedThing,
    members: readonly Member[],
    kind: "add" | "remove",
  ): Promise<readonly Member[]> {
    if (members.length === 0) return [];
    const anchors = members.map(({ anchor }) => anchor);
    const { entitlements } = this.#shape;
    const holding = await readHolders(session, this.#dialect, entitlements, entitlement.id, anchors);
    return members.filter(({ anchor }) => holding.has(anchor) !== (kind === "add"));
  }

  async #run(
    session: Session,
    entitlement: GrantedThing,
    members: readonly Member[],
    kind: "add" | "remove",
  ): Promise<void> {
    const names = members.map(({ name }) => name);
    const text = this.#shape.catalog.grant(kind, entitlement, names);
    await session.query({ text, values: [] }).catch((error: unknown) => {
      // In a session that is logged in, this is about the right to grant.
      if (!(error instanceof SqlError && error.kind === "Unauthenticated")) throw error;
      throw new SqlError("Denied", "Row", error.message);
    });
  }

  async #create(session: Session, name: string): Promise<GrantedThing | undefined> {
    if (privilege.test(name))
      throw new StoreError(
        "Invalid",
        "it is a privilege on something that is not there, and no role to be created",
      );
    await session.query({ text: this.#shape.catalog.createRole(name), values: [] });
    return this.#find(session, this.#list.name, name);
  }

  async #find(session: Session, by: Column, key: string): Promise<GrantedThing | undefined> {
    const { id, name, table } = this.#list;
    const where = `${column(by)} = ${keyLiteral(this.#dialect, by, key)}`;
    const { rows } = await session.query({
      text: `SELECT ${column(id)}, ${column(name)} FROM ${table} t WHERE ${where}`,
      values: [],
    });
    const [row] = rows;
    return row && { id: String(row[0]), name: String(row[1]) };
  }

  async #describe(
    session: Session,
    entitlement: GrantedThing,
    name: string,
    values: readonly string[],
  ): Promise<void> {
    const found = this.#list.attributes.find((one) => one.name === name);
    const text = found && this.#shape.catalog.describe(entitlement, toCell(this.#dialect, found, values));
    if (text === undefined) throw new StoreError("Invalid", `roles and privileges have no attribute ${name}`);
    await session.query({ text, values: [] });
  }
}

const privilege = /^[A-Z_]+( [A-Z_]+)* ON /;

const reasons = {
  add: "the database did not grant it: Rollcall's user may not",
  remove: "the database did not revoke it: another role granted it, and must take it back",
} as const;

function refusal({ anchor, name }: Member, kind: StoreError["kind"], why: string): Refused {
  return [anchor, new StoreError(kind, `account ${name}: ${why}`)];
}
