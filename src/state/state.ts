import type { KnownManifest, ManifestKey } from "../core/kinds/known-manifest.ts";
import type { Operation } from "../core/model/change.ts";
import type { Intent, JournalEntry } from "../core/model/journal.ts";
import type { FormerAccount, Holding, Link } from "../core/model/link.ts";
import type { BudgetClass } from "../core/plan/guard.ts";
import type { Task } from "../core/tasks/task.ts";

/**
 * What Rollcall remembers: links, ledger, intents, budgets, holds, shown plans, the last valid manifests and the journal of one realm.
 * Kept in SQLite (one writing process, readers welcome) or Postgres; one schema, one test suite.
 * Every method that writes is one transaction: all of it is kept, or nothing. Every method throws a `StateError` (errors.ts); a call
 * that failed as `Unavailable` may have been kept, and can be made again: it is done once.
 */
export interface State {
  /** Random, made with the state; tells one state from another. */
  readonly id: string;
  readonly realm: string;
  /** For people: the file, or the database URL without its password. */
  readonly place: string;
  /** Random, made with the state: digests of sensitive values are made under it. Never leaves the state. */
  readonly digestKey: string;
  /** How often the state had been opened for writing when this was opened: each writer has a higher one than those before it. */
  readonly epoch: number;

  /** Store name to the fingerprint it had when it was first used. */
  fingerprints(): Promise<ReadonlyMap<string, string>>;
  bindStore(store: string, fingerprint: string): Promise<void>;

  /** All links of a target, in pages. */
  links(target: string): AsyncIterable<readonly Link[]>;
  /** The links of these identities; those without one are left out. */
  linksOf(target: string, identities: readonly string[]): Promise<readonly Link[]>;
  /** The accounts that these identities had last, where they are known to be gone. */
  formerAccounts(target: string, identities: readonly string[]): Promise<readonly FormerAccount[]>;
  holdings(
    target: string,
    of: { identities: readonly string[] } | { entitlements: readonly string[] },
  ): Promise<readonly Holding[]>;
  /** The entitlements whose members were last found converged, with the version they had. */
  entitlements(target: string): Promise<ReadonlyMap<string, SeenEntitlement>>;

  /** An id that was begun before is a `Conflict`. Commits what is about to be done, with what it takes from the budgets, before the first call of a batch. */
  begin(batch: Batch): Promise<void>;
  /**
   * Commits what came of it: links, ledger and journal, and ends the batch's intents. Without a batch: changes of state alone.
   * Removals come first. A link to an account that another identity has, and a batch that is not open, are a `Conflict`.
   */
  finish(result: BatchResult): Promise<void>;
  /** Batches that were begun and never finished: what they intended must be looked up first. */
  openBatches(target: string): Promise<readonly Batch[]>;
  /** How many accounts a class of operations has touched since `since` (ms), at most 92 days back. */
  spent(target: string, budget: BudgetClass, since: number): Promise<number>;

  /** Replaces the open holds of a target. One that is still there keeps its time, its expiry and its approval, until it has expired. */
  putHolds(target: string, holds: readonly Hold[]): Promise<void>;
  holds(target?: string): Promise<readonly Hold[]>;
  /** Returns false where no open hold has this hash. The first approval stands. */
  approve(hash: string, by: string, at: number): Promise<boolean>;

  /**
   * Those that were opened first come first. They are written by `finish`, and by nobody while a target is run: what people say of
   * them waits its turn.
   */
  tasks(query?: TaskQuery): Promise<readonly Task[]>;

  /** The newest 100 are kept. */
  savePlan(plan: ShownPlan): Promise<void>;
  plan(hash: string): Promise<ShownPlan | undefined>;

  /** The last valid version of every object, and what was known of it. */
  manifests(): Promise<readonly KnownManifest[]>;
  saveManifests(changes: {
    readonly put: readonly KnownManifest[];
    readonly remove: readonly ManifestKey[];
  }): Promise<void>;

  /** Oldest first. */
  journal(query: JournalQuery): AsyncIterable<readonly JournalEntry[]>;

  /** The times of the last pass and success, and what else a lane keeps between runs, by target and name. */
  notes(target: string): Promise<ReadonlyMap<string, string>>;
  setNotes(target: string, notes: Readonly<Record<string, string | undefined>>): Promise<void>;

  /** Everything but the digest key, kind by kind, in pages: what an export consists of. */
  dump(): AsyncIterable<{ readonly table: string; readonly items: readonly unknown[] }>;

  close(): Promise<void>;
}

export type { BudgetClass, Intent, JournalEntry };

export interface SeenEntitlement {
  readonly anchor: string;
  readonly name: string;
  readonly version: string;
}

export interface Batch {
  /** Random. */
  readonly id: string;
  readonly target: string;
  readonly at: number;
  readonly intents: readonly Intent[];
  /** Accounts counted against each budget. Approved items are not. */
  readonly counts: Readonly<Partial<Record<BudgetClass, number>>>;
}

export interface BatchResult {
  /** Ends this batch's intents. */
  readonly batch?: string;
  /** Taken from the budgets in the same transaction: a batch of which nothing has to be looked up. */
  readonly spent?: Omit<Batch, "intents">;
  readonly links?: readonly Link[];
  /** Takes the identity's holdings with it. */
  readonly unlink?: readonly { readonly target: string; readonly identity: string }[];
  /** Takes the place of what was known before of the same identity. */
  readonly formerAccounts?: readonly FormerAccount[];
  readonly holdings?: readonly Holding[];
  readonly dropHoldings?: readonly {
    readonly target: string;
    readonly identity: string;
    readonly entitlement: string;
  }[];
  readonly entitlements?: readonly (SeenEntitlement & { readonly target: string })[];
  readonly dropEntitlements?: readonly { readonly target: string; readonly anchor: string }[];
  /** Each takes the place of the one of its name. */
  readonly tasks?: readonly Task[];
  readonly journal?: readonly Omit<JournalEntry, "seq">[];
}

export interface JournalQuery {
  readonly target?: string;
  readonly identity?: string;
  readonly since?: number;
  readonly until?: number;
  /** At most this many, the newest. `since` is the first moment, `until` the first one after. */
  readonly last?: number;
}

/** Nothing but live ones, unless a name or `all` is given: with it, those too that were closed in the last 92 days. */
export interface TaskQuery {
  readonly target?: string;
  readonly name?: string;
  readonly all?: boolean;
}

/** What a budget withholds: all of one class of a target, or nothing. */
export interface Hold {
  /** Over its items' hashes. */
  readonly hash: string;
  readonly target: string;
  readonly budget: BudgetClass;
  readonly reason: string;
  readonly items: readonly HeldItem[];
  readonly at: number;
  readonly expires: number;
  readonly approved?: { readonly by: string; readonly at: number };
}

export interface HeldItem {
  readonly hash: string;
  readonly operation: Operation;
  readonly identity: string;
  readonly name: string;
  /** The name of what is given or taken; absent for a change of the account itself, and in holds that 0.1 has written. */
  readonly entitlementName?: string;
}

/** What a person was shown (law 6). `items` are the hashes of its applicable items. */
export interface ShownPlan {
  readonly hash: string;
  readonly at: number;
  readonly items: ReadonlySet<string>;
}
