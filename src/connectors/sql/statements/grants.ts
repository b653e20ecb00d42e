import type { Call, Member, Outcome } from "../../contract.ts";
import { StoreError } from "../../errors.ts";
import { bisect } from "../batch.ts";
import type { Database, Session } from "../database.ts";
import { readHolders } from "../entitlements/holders.ts";
import { type EntitlementList, type EntitlementSource, fits, keyLiteral } from "../entitlements/shape.ts";
import type { Members } from "../entitlements/writer.ts";
import { quoteIdentifier } from "../names.ts";
import { AccountReader, column } from "../read.ts";
import type { StatementsBlock } from "../schema.ts";
import { required, type Shape } from "../shape.ts";
import { runScript } from "./script.ts";

type Refused = readonly [anchor: string, error: StoreError];

/** Where own statements say that entitlements are; undefined where they do not. */
export async function readStatementEntitlements(
  database: Database,
  { members, entitlements }: StatementsBlock,
  call: Call,
): Promise<EntitlementSource | undefined> {
  if (members === undefined) return undefined;
  const relation = await database.describeQuery(members, call);
  const need = (name: string) => required(relation, database.dialect, name, "statements.members");
  const [holder, owner] = [need("entitlement"), need("account")];
  const [e, a] = [holder, owner].map((one) => `x.${quoteIdentifier(one.name)}`);
  return {
    members: `SELECT ${e} AS e, ${a} AS a FROM (${members}) x WHERE ${e} IS NOT NULL AND ${a} IS NOT NULL`,
    holder,
    owner,
    list: entitlements === undefined ? undefined : await readList(database, entitlements, call),
  };
}

async function readList(database: Database, text: string, call: Call): Promise<EntitlementList> {
  const relation = await database.describeQuery(text, call);
  const need = (name: string) => required(relation, database.dialect, name, "statements.entitlements");
  return {
    table: `(${text})`,
    id: need("id"),
    name: need("name"),
    version: relation.version,
    attributes: [],
  };
}

/** Gives and takes entitlements by statements of the manifest, and looks whether they did. */
export class StatementGrants {
  readonly #shape: Shape;
  readonly #source: EntitlementSource;
  readonly #block: StatementsBlock;
  readonly #accounts: AccountReader;

  constructor(shape: Shape, source: EntitlementSource, block: StatementsBlock) {
    this.#shape = shape;
    this.#source = source;
    this.#block = block;
    this.#accounts = new AccountReader(shape, []);
  }

  async change(session: Session, change: Members): Promise<Outcome> {
    const anchor = await this.#find(session, change);
    const refused = new Map<string, StoreError>();
    for (const kind of ["remove", "add"] as const) {
      const run = (part: readonly Member[]) => this.#members(session, anchor, part, kind);
      for (const [key, error] of await bisect(session, change[kind], run, refusal)) refused.set(key, error);
    }
    return { id: change.id, ok: true, anchor, name: change.name, ...(refused.size > 0 ? { refused } : {}) };
  }

  async #members(
    session: Session,
    entitlement: string,
    members: readonly Member[],
    kind: "add" | "remove",
  ): Promise<readonly Refused[]> {
    const { dialect } = this.#shape;
    const anchors = members.map(({ anchor }) => anchor);
    const holders = () => readHolders(session, dialect, this.#source, entitlement, anchors);
    const isAsIs = (held: ReadonlySet<string>) => (member: Member) =>
      held.has(member.anchor) === (kind === "add");
    const there = new Set((await this.#accounts.hold(session, anchors)).map(({ anchor }) => anchor));
    const before = await holders();
    const due = members.filter((member) => there.has(member.anchor) && !isAsIs(before)(member));
    for (const { anchor } of due) await this.#run(session, entitlement, anchor, kind);
    const after = due.length > 0 ? await holders() : before;
    if (!due.every(isAsIs(after)))
      throw new StoreError("Invalid", `statement ${names[kind]} did not do what it should`);
    const gone = members.filter(({ anchor }) => kind === "add" && !there.has(anchor));
    return gone.map((member) => refusal(member, new StoreError("NotFound", "the account is gone")));
  }

  async #run(session: Session, entitlement: string, account: string, kind: "add" | "remove"): Promise<void> {
    const { holder, owner } = this.#source;
    await runScript(session, this.#shape.dialect, this.#block, names[kind], {
      account: { cell: owner.codec.encode(account), column: owner },
      entitlement: { cell: holder.codec.encode(entitlement), column: holder },
    });
  }

  async #find(session: Session, change: Members): Promise<string> {
    const { list } = this.#source;
    const anchor = change.entitlement;
    if (change.create || change.update?.length)
      throw new StoreError("Invalid", "there is no statement that makes or changes entitlements");
    if (anchor === undefined) throw new StoreError("Invalid", "it is neither there nor to be created");
    if (!list) return anchor;
    const gone = new StoreError("NotFound", "there is no such entitlement");
    if (!fits(list.id, anchor)) throw gone;
    const where = `${column(list.id)} = ${keyLiteral(this.#shape.dialect, list.id, anchor)}`;
    const { rows } = await session.query({
      text: `SELECT 1 FROM ${list.table} t WHERE ${where}`,
      values: [],
    });
    if (rows.length === 0) throw gone;
    return anchor;
  }
}

const names = { add: "grant", remove: "revoke" } as const;

function refusal({ anchor, name }: Member, error: StoreError): Refused {
  return [anchor, new StoreError(error.kind, `account ${name}: ${error.message}`)];
}
