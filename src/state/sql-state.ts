import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";
import type { FormerAccount, Holding, Link } from "../core/model/link.ts";
import type { BudgetClass } from "../core/plan/guard.ts";
import type { Task } from "../core/tasks/task.ts";
import { batchSteps } from "./batches.ts";
import { type Database, drop, put, type Step, sql } from "./database.ts";
import { dump } from "./dump.ts";
import { isStateError, StateError } from "./errors.ts";
import { finishSteps, takenAccount } from "./finish.ts";
import { journalRows } from "./journal.ts";
import { pages, readMany, type Selection } from "./pages.ts";
import type {
  Batch,
  BatchResult,
  Hold,
  JournalEntry,
  JournalQuery,
  SeenEntitlement,
  ShownPlan,
  State,
  TaskQuery,
} from "./state.ts";
import { type Row, Shared, type Table } from "./table.ts";
import * as tables from "./tables.ts";
import { selectedTasks } from "./tasks.ts";
import type { Writer } from "./writer.ts";

/** What a state was made with. */
export interface Origin {
  readonly id: string;
  readonly realm: string;
  readonly digestKey: string;
  readonly epoch: number;
}

/** Plans that are kept for `apply --plan`; older ones have to be made anew. */
const shownPlans = 100;

/** The state as tables: the same code for SQLite and Postgres. */
export class SqlState implements State {
  readonly id: string;
  readonly realm: string;
  readonly place: string;
  readonly digestKey: string;
  readonly epoch: number;
  readonly #database: Database;
  readonly #writer: Writer | undefined;
  readonly #shared = new Shared();

  /** Without a writer it can only be read. */
  constructor(database: Database, origin: Origin, writer: Writer | undefined) {
    this.id = origin.id;
    this.realm = origin.realm;
    this.digestKey = origin.digestKey;
    this.epoch = origin.epoch;
    this.place = database.place;
    this.#database = database;
    this.#writer = writer;
  }

  async fingerprints(): Promise<ReadonlyMap<string, string>> {
    const stores = await this.#all(tables.stores);
    return new Map(stores.map(({ name, fingerprint }) => [name, fingerprint]));
  }

  bindStore(name: string, fingerprint: string): Promise<void> {
    return this.#write([put(tables.stores, [{ name, fingerprint }])]);
  }

  links(target: string): AsyncIterable<readonly Link[]> {
    return this.#pages(tables.links, { where: "target = ?", parameters: [target], order: ["identity"] });
  }

  async linksOf(target: string, identities: readonly string[]): Promise<readonly Link[]> {
    const condition = `target = ? AND ${this.#database.among("identity")}`;
    const rows = await readMany(
      this.#database,
      `SELECT * FROM links WHERE ${condition}`,
      [target],
      identities,
    );
    return rows.map((row) => tables.links.decode(row, this.#shared));
  }

  async formerAccounts(target: string, identities: readonly string[]): Promise<readonly FormerAccount[]> {
    const select = `SELECT * FROM former_accounts WHERE target = ? AND ${this.#database.among("identity")}`;
    const rows = await readMany(this.#database, select, [target], identities);
    return rows.map((row) => tables.formerAccounts.decode(row, this.#shared));
  }

  async holdings(
    target: string,
    of: { identities: readonly string[] } | { entitlements: readonly string[] },
  ): Promise<readonly Holding[]> {
    if ("identities" in of) {
      const condition = `target = ? AND ${this.#database.among("identity")}`;
      const select = `SELECT * FROM holdings WHERE ${condition}`;
      const rows = await readMany(this.#database, select, [target], of.identities);
      return rows.map((row) => tables.holdings.decode(row, this.#shared));
    }
    const found: Holding[] = [];
    for (const entitlement of new Set(of.entitlements)) {
      const selection = { where: "target = ? AND entitlement = ?", parameters: [target, entitlement] };
      const holders = this.#pages(tables.holdings, { ...selection, order: ["identity"] });
      for await (const page of holders) found.push(...page);
    }
    return found;
  }

  async entitlements(target: string): Promise<ReadonlyMap<string, SeenEntitlement>> {
    const rows = await this.#all(tables.entitlements, { where: "target = ?", parameters: [target] });
    return new Map(rows.map(({ anchor, name, version }) => [anchor, { anchor, name, version }]));
  }

  begin(batch: Batch): Promise<void> {
    return this.#write(batchSteps(batch));
  }

  async finish(result: BatchResult): Promise<void> {
    try {
      await this.#write(finishSteps(result, this.place));
    } catch (error) {
      if (isStateError(error, "Conflict")) throw (await takenAccount(this.#database, result)) ?? error;
      throw error;
    }
  }

  async openBatches(target: string): Promise<readonly Batch[]> {
    const rows = await this.#database.read(
      "SELECT * FROM batches WHERE target = ? AND intents IS NOT NULL ORDER BY at, id",
      [target],
    );
    return rows.map((row) => tables.batches.decode(row, this.#shared));
  }

  async spent(target: string, budget: BudgetClass, since: number): Promise<number> {
    const sum = `SELECT CAST(coalesce(sum(${budget.toLowerCase()}), 0) AS bigint) AS spent FROM batches`;
    const [row] = await this.#database.read(`${sum} WHERE target = ? AND at >= ?`, [target, since]);
    return row?.spent as number;
  }

  putHolds(target: string, holds: readonly Hold[]): Promise<void> {
    const hashes = holds.map((hold) => hold.hash);
    const gone = `DELETE FROM holds WHERE target = ? AND NOT (${this.#database.among("hash")})`;
    const expired = "DELETE FROM holds WHERE target = ? AND hash = ? AND expires <= ?";
    return this.#write([
      sql(gone, target, hashes),
      ...holds.map((hold) => sql(expired, target, hold.hash, hold.at)),
      put(tables.holds, holds),
    ]);
  }

  holds(target?: string): Promise<readonly Hold[]> {
    const selection = target === undefined ? {} : { where: "target = ?", parameters: [target] };
    return this.#all(tables.holds, selection);
  }

  async approve(hash: string, by: string, at: number): Promise<boolean> {
    const approval = "SET approved_by = coalesce(approved_by, ?), approved_at = coalesce(approved_at, ?)";
    const otherwise = new StateError("Conflict", `cannot approve hold ${hash}: no open hold has this hash`);
    const step = sql(`UPDATE holds ${approval} WHERE hash = ? AND expires > ?`, by, at, hash, at);
    try {
      await this.#write([{ ...step, otherwise }]);
      return true;
    } catch (error) {
      if (error === otherwise) return false;
      throw error;
    }
  }

  tasks(query: TaskQuery = {}): Promise<readonly Task[]> {
    return this.#all(tables.tasks, selectedTasks(query));
  }

  savePlan(plan: ShownPlan): Promise<void> {
    const newest = `SELECT hash FROM plans ORDER BY at DESC, hash LIMIT ${shownPlans}`;
    return this.#write([put(tables.plans, [plan]), sql(`DELETE FROM plans WHERE hash NOT IN (${newest})`)]);
  }

  async plan(hash: string): Promise<ShownPlan | undefined> {
    const [row] = await this.#database.read("SELECT * FROM plans WHERE hash = ?", [hash]);
    return row && tables.plans.decode(row, this.#shared);
  }

  manifests(): Promise<readonly KnownManifest[]> {
    return this.#all(tables.manifests);
  }

  saveManifests(changes: {
    readonly put: readonly KnownManifest[];
    readonly remove: readonly ManifestKey[];
  }): Promise<void> {
    const removed = changes.remove.map(({ kind, name }) => [kind, name]);
    return this.#write([
      drop(tables.manifests, ["kind", "name"], removed),
      put(tables.manifests, changes.put),
    ]);
  }

  async *journal(query: JournalQuery): AsyncIterable<readonly JournalEntry[]> {
    for await (const rows of journalRows(this.#database, query)) {
      yield rows.map((row) => tables.journal.decode(row, this.#shared));
    }
  }

  async notes(target: string): Promise<ReadonlyMap<string, string>> {
    const notes = await this.#all(tables.notes, { where: "target = ?", parameters: [target] });
    return new Map(notes.map(({ name, text }) => [name, text]));
  }

  setNotes(target: string, notes: Readonly<Record<string, string | undefined>>): Promise<void> {
    const all = Object.entries(notes);
    const kept = all.flatMap(([name, text]) => (text === undefined ? [] : [{ target, name, text }]));
    const removed = all.flatMap(([name, text]) => (text === undefined ? [[target, name]] : []));
    return this.#write([drop(tables.notes, ["target", "name"], removed), put(tables.notes, kept)]);
  }

  dump(): AsyncIterable<{ readonly table: string; readonly items: readonly unknown[] }> {
    return dump(this.#database, this.#shared);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #write(steps: readonly Step[]): Promise<void> {
    if (this.#writer !== undefined) return this.#writer.write(steps);
    throw new StateError("ReadOnly", `cannot write to state ${this.place}: it was opened for reading`);
  }

  async *#pages<T>(table: Table<T>, selection: Part): AsyncGenerator<readonly T[]> {
    const decode = (row: Row) => table.decode(row, this.#shared);
    for await (const rows of pages(this.#database, { from: table.name, order: table.key, ...selection })) {
      yield rows.map(decode);
    }
  }

  async #all<T>(table: Table<T>, selection: Part = {}): Promise<readonly T[]> {
    const found: T[][] = [];
    for await (const page of this.#pages(table, selection)) found.push([...page]);
    return found.flat();
  }
}

type Part = Partial<Omit<Selection, "from">>;
