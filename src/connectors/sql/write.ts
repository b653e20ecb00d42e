import type { Call, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import {
  type Assignments,
  type Create,
  createAssignments,
  type Delete,
  type Modify,
  modifyAssignments,
} from "./assign.ts";
import { bisect, gather } from "./batch.ts";
import type { Database, Mode, Session } from "./database.ts";
import type { EntitlementWriter, Members } from "./entitlements/writer.ts";
import { explain, SqlError } from "./errors.ts";
import type { Shape } from "./shape.ts";
import type { AccountWriter, Held, Ready, Written } from "./writer.ts";

/** All that one target's changes are made with. */
export interface Writers {
  readonly database: Pick<Database, "transaction">;
  readonly shape: Shape;
  readonly accounts: AccountWriter;
  readonly entitlements: Pick<EntitlementWriter, "change">;
}

/**
 * Makes a batch in one transaction. Outcomes are known when it has ended, one a change. Mostly nothing is refused, so it is
 * tried without savepoints, which cost as much as the rows; with them only after that was undone.
 */
export async function applyBatch(
  writers: Writers,
  changes: readonly StoreChange[],
  call: Call,
): Promise<readonly Outcome[]> {
  // A new account was not read before: nothing of it has to stay as it was, and whoever else makes some need not wait.
  const isNew = changes.every(({ kind }) => kind === "create");
  const isolation = isNew ? "ReadCommitted" : writers.accounts.isolation;
  const make = (mode: Mode) =>
    writers.database.transaction(isolation, mode, call, (session) =>
      new Batch(writers, session).make(changes),
    );
  try {
    return await make("Whole").catch((error: unknown) => {
      if (!refusesRows(error)) throw error;
      return make("Savepoints");
    });
  } catch (error) {
    if (!refusesRows(error) || changes.length === 1) return changes.map((change) => refusal(change, error));
    // Refused by the commit: a constraint that SQLite looks at no sooner. Each half is a transaction of its own.
    const middle = changes.length >> 1;
    const first = await applyBatch(writers, changes.slice(0, middle), call);
    return [...first, ...(await applyBatch(writers, changes.slice(middle), call))];
  }
}

function refusesRows(error: unknown): boolean {
  return error instanceof SqlError && error.scope === "Row";
}

/** The changes of one transaction. A change that is refused is undone alone. */
class Batch {
  readonly #writers: Writers;
  readonly #session: Session;

  constructor(writers: Writers, session: Session) {
    this.#writers = writers;
    this.#session = session;
  }

  async make(changes: readonly StoreChange[]): Promise<readonly Outcome[]> {
    const of = <K extends StoreChange["kind"]>(kind: K) =>
      changes.filter((change): change is Extract<StoreChange, { kind: K }> => change.kind === kind);
    return [
      ...(await this.#existing(of("modify"), of("delete"))),
      ...(await this.#create(of("create"))),
      ...(await this.#members(of("members"))),
    ];
  }

  async #create(changes: readonly Create[]): Promise<readonly Outcome[]> {
    const { shape, accounts } = this.#writers;
    const [ready, refused] = prepare(changes, (change) => ({
      change,
      row: createAssignments(shape, change),
    }));
    const outcomes: Outcome[] = [...refused];
    const create = (items: readonly Ready<Create>[]) =>
      bisect(
        this.#session,
        items,
        async (part) => (await accounts.create(this.#session, part)).map(success),
        refuseReady,
      );
    for (const group of gather(ready, (one, other) => accounts.alike(one, other))) {
      const made = await create(group);
      outcomes.push(...made);
      if (made.length === group.length) continue;
      const done = new Set(made.map(({ id }) => id));
      for (const item of group) if (!done.has(item.change.id)) outcomes.push(...(await create([item])));
    }
    return outcomes;
  }

  /** Accounts that are there: first all are held, in key order, and looked at as they are now. */
  async #existing(modifies: readonly Modify[], deletes: readonly Delete[]): Promise<readonly Outcome[]> {
    const { shape, accounts } = this.#writers;
    const all = [...modifies, ...deletes];
    if (all.length === 0) return [];
    const anchors = all.map(({ anchor }) => anchor).sort();
    const records = Map.groupBy(await accounts.hold(this.#session, anchors), ({ anchor }) => anchor);
    const outcomes: Outcome[] = [];
    const held = <Change extends Modify | Delete>(changes: readonly Change[]) => {
      const there = changes.filter((change) => {
        const early = judge(change, records.get(change.anchor)?.map(({ version }) => version) ?? []);
        if (early) outcomes.push(early);
        return early === undefined;
      });
      const [ready, refused] = prepare(there, (change) => ({
        change,
        record: records.get(change.anchor)![0]!,
        row: change.kind === "modify" ? modifyAssignments(shape, change) : nothing,
      }));
      outcomes.push(...refused);
      return ready;
    };
    for (const group of gather(held(modifies), (one, other) => accounts.alike(one, other)))
      outcomes.push(...(await bisect(this.#session, group, (part) => this.#modify(part), refuseReady)));
    outcomes.push(...(await bisect(this.#session, held(deletes), (part) => this.#delete(part), refuseReady)));
    return outcomes;
  }

  async #modify(items: readonly Held<Modify>[]): Promise<readonly Outcome[]> {
    return (await this.#writers.accounts.modify(this.#session, items)).map(success);
  }

  async #delete(items: readonly Held<Delete>[]): Promise<readonly Outcome[]> {
    await this.#writers.accounts.delete(this.#session, items);
    return items.map(({ change }) => success(change));
  }

  async #members(changes: readonly Members[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    // What is taken goes first: a column that holds one entitlement is then free for another.
    const taking = changes.toSorted((a, b) => Number(a.remove.length === 0) - Number(b.remove.length === 0));
    for (const change of taking) {
      const [outcome] = await bisect(
        this.#session,
        [change],
        async () => [await this.#writers.entitlements.change(this.#session, change)],
        refusal,
      );
      outcomes.push(outcome!);
    }
    return outcomes;
  }
}

/** What can be said before anything is tried, of the versions that rows of this anchor have. */
function judge(change: Modify | Delete, versions: readonly string[]): Outcome | undefined {
  if (versions.length === 0) {
    if (change.kind === "delete") return success(change);
    return refusal(change, new StoreError("NotFound", "the account is gone"));
  }
  if (versions.length > 1)
    return refusal(
      change,
      new StoreError(
        "Invalid",
        `${versions.length} rows have the id ${change.anchor}, and one account is one row`,
      ),
    );
  if (change.expect !== undefined && change.expect !== versions[0])
    return refusal(change, new StoreError("Moved", "it was changed in the meantime"));
  return undefined;
}

function prepare<Change extends StoreChange, Item extends { readonly change: Change }>(
  changes: readonly Change[],
  make: (change: Change) => Item,
): readonly [ready: readonly Item[], refused: readonly Outcome[]] {
  const ready: Item[] = [];
  const refused: Outcome[] = [];
  for (const change of changes) {
    try {
      ready.push(make(change));
    } catch (error) {
      refused.push(refusal(change, error));
    }
  }
  return [ready, refused];
}

const nothing: Assignments = { columns: [], cells: [] };

function success({ id, anchor, name, version }: Written): Outcome {
  return version === undefined ? { id, ok: true, anchor, name } : { id, ok: true, anchor, name, version };
}

function refuseReady({ change }: { readonly change: StoreChange }, error: StoreError): Outcome {
  return refusal(change, error);
}

function refusal(change: StoreChange, error: unknown): Outcome {
  return { id: change.id, ok: false, error: explain(error, `${verbs[change.kind]} ${change.name}`) };
}

const verbs: Readonly<Record<StoreChange["kind"], string>> = {
  create: "create account",
  modify: "change account",
  delete: "delete account",
  members: "change the members of",
};
