import type { z } from "zod";
import type { AccountRecord, EntitlementRecord, EntitlementRef } from "../core/model/account.ts";
import type { AttributeDelta, Attributes, StoreSchema, Values } from "../core/model/values.ts";
import type { LdifStyle } from "../formats/ldif/style.ts";
import type { ErrorRow, StoreError } from "./errors.ts";
import type { Notebook } from "./notebook.ts";

/**
 * What a connector owes the engine. It is small on purpose: retries, rate limits, the circuit breaker, time-outs, metrics and
 * redaction wrap a connector from outside (`wrap/`), and no connector writes its own. Nor does it know Kubernetes, plans
 * or budgets: it reads what is there and makes the changes it is given.
 *
 * Obligations that hold for every call:
 * - It throws a `StoreError` and nothing else. An answer that may be incomplete is an error, never a short list:
 *   an empty list means that the store said, completely, that there is nothing.
 * - It is idempotent: a change that is already there is a success (deleting what is gone, adding a member twice).
 * - It stops soon after `call.signal` is aborted.
 * - It never logs, and never puts a secret into an error.
 */
export interface Call {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch after which an answer is of no use. */
  readonly deadline: number;
}

/** One kind of store: its name is the key of its block in Store and Target manifests. */
export interface ConnectorType<StoreBlock = unknown, TargetBlock = unknown> {
  readonly name: string;
  /** One line for the reference docs. */
  readonly summary: string;
  /** The connector's block of a Store. Must be in the structural subset (docs/decisions). */
  readonly storeSchema: z.ZodType<StoreBlock>;
  /** The connector's block of a Target. */
  readonly targetSchema: z.ZodType<TargetBlock>;
  /** There is no store behind it: it keeps what people say that they have done, and is changed when they say so. */
  readonly isRecord?: true;
  /** Its retry table: which of its store's errors become which kind, all of them that it knows. */
  readonly errors: readonly ErrorRow[];
  /** How a target's changes read as those of directory entries; absent where accounts are none. */
  ldif?(target: TargetBlock): LdifStyle;
  /** Opens nothing yet: the first call does. Never throws for a store that is down. */
  connect(store: StoreBlock, environment: ConnectorEnvironment): StoreConnection<TargetBlock>;
}

/** What a connector may ask of the outside, given to it so that it reads neither files nor the environment by itself. */
export interface ConnectorEnvironment {
  /** The text behind a `{secretKeyRef | file | env}`. Throws a `StoreError` of kind `Unauthenticated` that names the reference. */
  secret(reference: CredentialRef): Promise<string>;
  /** A path of a manifest made absolute under the operator's root. Throws a `StoreError` of kind `Denied` when it leads outside. */
  path(relative: string): string;
  /** The ODBC drivers that the operator allows, by their names: loading one runs its code. Absent: none. */
  readonly odbcDrivers?: readonly string[];
  /** What a connector wants to know again when it is connected anew: it lives as long as the process. Absent: nothing does. */
  readonly memory?: Map<string, unknown>;
  /** Where records of this store are kept for as long as Rollcall's state is. Absent: nowhere. */
  readonly notebook?: Notebook;
}

/** A credential by reference; exactly one member is set. */
export interface CredentialRef {
  readonly secretKeyRef?: { readonly name: string; readonly key: string } | undefined;
  readonly file?: string | undefined;
  readonly env?: string | undefined;
}

/** A live connection to one store, shared by its targets. */
export interface StoreConnection<TargetBlock = unknown> {
  /** Who answers: a text that stays the same for as long as it is the same store, and differs when another one answers there. */
  fingerprint(call: Call): Promise<string>;
  /** The accounts of one target. */
  target(options: TargetOptions<TargetBlock>): Connector;
  /** Ends all connections; calls under way fail with `Unavailable`. */
  close(): Promise<void>;
}

export interface TargetOptions<TargetBlock> {
  readonly block: TargetBlock;
  /** The store attributes that mappings and match rules use, as written in the manifest: all that records need to carry. */
  readonly attributes: readonly string[];
}

/** The accounts and entitlements of one target in one store. */
export interface Connector {
  readonly capabilities: Capabilities;
  /** What the anchors of accounts, and of entitlements, hold for, where that is not all of the store: the rows of a table, known by a column. */
  readonly place?: string;
  readonly entitlementPlace?: string;
  /** What version 0.1 noted as the place of accounts, where that was another text. */
  readonly formerPlace?: string;

  /** Reaches the store, logs in, and finds out whether all that the target asks for can be done. Lists what is missing; throws only when it cannot tell. */
  check(call: Call): Promise<CheckReport>;
  schema(call: Call): Promise<StoreSchema>;

  /**
   * A text that changes whenever any account or entitlement of this target does, or undefined where the store cannot tell,
   * as a server may turn out to be unable to. A pass whose marker is unchanged does not scan.
   */
  marker?(call: Call): Promise<string | undefined>;

  /**
   * Every account (or entitlement), as cheaply as can be: pages of anchors and versions. Ends normally only when it was complete. A store
   * without a list of its entitlements gives those that somebody holds.
   */
  scan(what: "accounts" | "entitlements", call: Call): AsyncIterable<readonly Sighting[]>;

  /** The records of these anchors; those that are not in the answer do not exist. At most 1,000 anchors. */
  fetch(anchors: readonly string[], call: Call): Promise<readonly AccountRecord[]>;

  /** For each question, in order, the accounts that match it under the store's own matching rules. At most 1,000 questions. */
  find(questions: readonly FindQuestion[], call: Call): Promise<readonly (readonly AccountRecord[])[]>;

  /** For each reference, in order, the entitlement it points at, or undefined where there is none. More than one is an `Invalid`. */
  entitlements(
    refs: readonly EntitlementRef[],
    call: Call,
  ): Promise<readonly (EntitlementRecord | undefined)[]>;

  /** Who holds these entitlements (by anchor), streamed. A filler member is left out. */
  memberships(entitlements: readonly string[], call: Call): AsyncIterable<readonly Membership[]>;

  /** How `memberships` and member changes call this account: a normalised DN, a login name, a key. Pure. */
  memberKey(account: { readonly anchor: string; readonly name: string }): string;

  /**
   * Makes the changes, as many at a time as the store likes, and yields one outcome each, in any order.
   * The changes of one call do not depend on each other, and no two are of the same account or entitlement.
   * A change without an outcome when the stream ends or throws is in doubt.
   */
  apply(changes: readonly StoreChange[], call: Call): AsyncIterable<Outcome>;
}

/** What this connector can do for this target, so that a plan can say what it cannot. */
export interface Capabilities {
  readonly create: boolean;
  readonly update: boolean;
  readonly rename: boolean;
  readonly disable: boolean;
  readonly delete: boolean;
  readonly entitlements: boolean;
  readonly createEntitlements: boolean;
  /** Whether it can set an account's password. */
  readonly passwords: boolean;
  /** Whether a `create` may bring a deleted account back: see `formerly`. */
  readonly restore: boolean;
  /** Whether `expect` is checked by the store in the same step as the change. */
  readonly expect: boolean;
}

export interface CheckReport {
  /** For people: `OpenLDAP 2.5.13`, `PostgreSQL 15.18`. */
  readonly server: string;
  /** What is missing, each a verb phrase with its cure; empty when all is well. */
  readonly problems: readonly string[];
}

/** What a scan sees of a record. */
export interface Sighting {
  readonly anchor: string;
  readonly version: string;
  readonly name: string;
}

/** All keys must match (AND); each holds one value. */
export interface FindQuestion {
  readonly keys: Readonly<Record<string, string>>;
  /** When given, the account of this name is looked for and `keys` is empty. */
  readonly name?: string;
}

export interface Membership {
  readonly entitlement: string;
  readonly member: string;
}

/** `id` ties an outcome to its change; unique in one call. */
export type StoreChange =
  | {
      readonly id: number;
      readonly kind: "create";
      readonly name: string;
      readonly attributes: Attributes;
      readonly enabled: boolean;
      readonly password?: NewPassword;
      /** The anchor of the account that was there and is gone: a store that keeps what was deleted may bring back that very one. */
      readonly formerly?: string;
    }
  | {
      readonly id: number;
      readonly kind: "modify";
      readonly anchor: string;
      readonly name: string;
      readonly attributes: readonly AttributeDelta[];
      readonly rename?: string;
      readonly enabled?: boolean;
      /** Set before anything else of the change, so that an account is never enabled without it. */
      readonly password?: NewPassword;
      /** The version this was planned against: fails with `Moved` where the store can check it and it differs. */
      readonly expect?: string;
    }
  | {
      readonly id: number;
      readonly kind: "delete";
      readonly anchor: string;
      readonly name: string;
      readonly expect?: string;
    }
  | {
      readonly id: number;
      readonly kind: "members";
      /** By anchor, or undefined where this change also creates it. */
      readonly entitlement: string | undefined;
      readonly name: string;
      readonly create?: { readonly attributes: Readonly<Record<string, Values>> };
      readonly update?: readonly AttributeDelta[];
      readonly add: readonly Member[];
      readonly remove: readonly Member[];
    };

/** A password to be set. It lives only for the length of the call: it is never logged, kept, hashed or shown (law 9). */
export interface NewPassword {
  readonly value: string;
  /** Whether it must be changed at the next login, where the store has such a notion. */
  readonly mustChange: boolean;
}

/** A member to be added or removed: an account of the same target. */
export interface Member {
  readonly anchor: string;
  readonly name: string;
}

export type Outcome =
  | {
      readonly id: number;
      readonly ok: true;
      readonly anchor: string;
      readonly name: string;
      /** The version after the change; absent where only a read would tell. */
      readonly version?: string;
      /** For `members`: those that were refused, by member key, each with its own error; all others were done. */
      readonly refused?: ReadonlyMap<string, StoreError>;
    }
  | { readonly id: number; readonly ok: false; readonly error: StoreError };
