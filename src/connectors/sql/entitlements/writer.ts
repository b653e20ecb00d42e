import type { Member, Outcome, StoreChange } from "../../contract.ts";
import { StoreError } from "../../errors.ts";
import { bisect } from "../batch.ts";
import type { Session } from "../database.ts";
import type { Dialect } from "../dialect.ts";
import { quoteIdentifier } from "../names.ts";
import { runWrites } from "../writes.ts";
import { createListed, updateListed } from "./listed.ts";
import { type EntitlementShape, keyLiteral } from "./shape.ts";
import { readStandings, type Standing } from "./standing.ts";

export type Members = Extract<StoreChange, { kind: "members" }>;
type Refused = readonly [anchor: string, error: StoreError];

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
    const held = this.#shape.folds ? change.name : anchor;
    const refused = new Map<string, StoreError>();
    for (const kind of ["remove", "add"] as const) {
      const members = change[kind].toSorted((a, b) => (a.anchor < b.anchor ? -1 : 1));
      for (let at = 0; at < members.length; at += this.#dialect.batch) {
        const part = members.slice(at, at + this.#dialect.batch);
        for (const [key, error] of await this.#members(session, this.#shape, held, part, kind))
          refused.set(key, error);
      }
    }
    return { id: change.id, ok: true, anchor, name: change.name, ...(refused.size > 0 ? { refused } : {}) };
  }

  /**
   * First looks, keeping the rows from others, and then changes exactly those that have to be: so no row is counted on that another
   * database would count otherwise.
   */
  #members(
    session: Session,
    shape: EntitlementShape,
    entitlement: string,
    members: readonly Member[],
    kind: "add" | "remove",
  ): Promise<readonly Refused[]> {
    const run = async (part: readonly Member[]) => {
      const anchors = part.map(({ anchor }) => anchor);
      const standings = await readStandings(session, this.#dialect, shape, entitlement, anchors);
      const refused = part.flatMap((member) => {
        const error = objection(shape, kind, standings.get(member.anchor) ?? []);
        return error ? [refusal(member, error)] : [];
      });
      const skipped = new Set(refused.map(([anchor]) => anchor));
      const due = anchors.filter(
        (anchor) => !skipped.has(anchor) && (standings.get(anchor)?.[0] === "Held") === (kind === "remove"),
      );
      if (due.length > 0) await this.#write(session, shape, entitlement, due, kind);
      return refused;
    };
    return bisect(session, members, run, refusal);
  }

  async #write(
    session: Session,
    shape: EntitlementShape,
    entitlement: string,
    anchors: readonly string[],
    kind: "add" | "remove",
  ): Promise<void> {
    const { table, owner, holder, mode, syntax } = shape;
    const owners = anchors.map((anchor) => owner.codec.encode(anchor));
    const literal = keyLiteral(this.#dialect, holder, entitlement);
    const name = quoteIdentifier(holder.name);
    const own = `${this.#dialect.own}${name}`;
    if (mode !== "Join") {
      const value = syntax ? syntax[kind](own, literal) : kind === "add" ? literal : "NULL";
      await runWrites(session, this.#dialect.touch(table, `${name} = ${value}`, owner, owners));
    } else if (kind === "remove") {
      await runWrites(session, this.#dialect.touch(table, undefined, owner, owners, `${own} = ${literal}`));
    } else {
      const key = holder.codec.encode(entitlement);
      const rows = owners.map((cell) => [cell, key]);
      await runWrites(session, this.#dialect.insert(table, [owner, holder], rows, {}));
    }
  }

  async #entitlement(session: Session, shape: EntitlementShape, change: Members): Promise<string> {
    const { list } = shape;
    if (change.create) {
      if (!list)
        throw new StoreError(
          "Invalid",
          "only entitlements in a list (entitlements.join.list) can be created",
        );
      return createListed(session, this.#dialect, list, change.name, change.create.attributes);
    }
    const anchor = change.entitlement;
    if (anchor === undefined) throw new StoreError("Invalid", "it is neither there nor to be created");
    if (list) await updateListed(session, this.#dialect, list, anchor, change.update ?? []);
    return anchor;
  }
}

/** Why this account cannot be given or taken the entitlement. */
function objection(
  shape: EntitlementShape,
  kind: "add" | "remove",
  standings: readonly Standing[],
): StoreError | undefined {
  if (standings.length > 1)
    return new StoreError("Invalid", `${standings.length} rows would be touched, and one is expected`);
  if (kind === "remove" || shape.mode === "Join") return undefined;
  if (standings.length === 0) return new StoreError("NotFound", "the account is gone");
  return standings[0] === "Other"
    ? new StoreError("Conflict", `column ${shape.holder.name} holds another entitlement`)
    : undefined;
}

function refusal({ anchor, name }: Member, error: StoreError): Refused {
  return [anchor, new StoreError(error.kind, `account ${name}: ${error.message}`)];
}
