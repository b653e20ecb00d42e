import type { Capabilities, ConnectorEnvironment, ConnectorType } from "../../src/connectors/contract.ts";
import type { EntitlementRef } from "../../src/core/model/account.ts";
import type { Attributes, Values } from "../../src/core/model/values.ts";

/** What a store may or may not have beside the capabilities. Each brings cases of its own. */
export type Extra =
  /** An attribute with several values. */
  | "multiValued"
  /** An attribute with binary values. */
  | "binary"
  /** An entitlement can be pointed at by its anchor. */
  | "entitlementIds"
  /** A connection that can break between two pages. */
  | "droppedMidPage"
  /** A server that can be stopped and started. */
  | "restart"
  /** A change whose answer can be lost after it was made. */
  | "lostAnswer"
  | "wrongPassword"
  | "readOnly"
  /** Another server can come to answer at the same address. */
  | "otherServer";

/**
 * True: the connector must have it, and fails the suite by not declaring it. A text: why the store cannot have it; the connector
 * must then declare that it has not, and the reason becomes the name of a test, so that it is printed.
 */
export type Features = Readonly<Record<keyof Capabilities | Extra, true | string>>;

/** All that a store can have: a subject begins with it, and says what its own cannot have, and why. */
export const everything: Readonly<Record<keyof Features, true>> = {
  create: true,
  update: true,
  rename: true,
  disable: true,
  delete: true,
  entitlements: true,
  createEntitlements: true,
  passwords: true,
  restore: true,
  expect: true,
  multiValued: true,
  binary: true,
  entitlementIds: true,
  droppedMidPage: true,
  restart: true,
  lostAnswer: true,
  wrongPassword: true,
  readOnly: true,
  otherServer: true,
};

/** A connector as the suite sees it. */
export interface Subject {
  readonly name: string;
  readonly features: Features;
  /** Starts the real server on a free port and a throwaway folder. Called once. */
  start(): Promise<Harness>;
}

export interface Harness {
  readonly type: ConnectorType;
  /** The Store's block, as in a manifest: it goes through the connector's schema. */
  readonly store: unknown;
  readonly target: unknown;
  /** The attributes that the mappings use: the roles, and whatever an account cannot be without. */
  readonly attributes: readonly string[];
  readonly environment: ConnectorEnvironment;
  /** A target that this store cannot serve: `check` must name a problem. */
  readonly misfit: { readonly target: unknown; readonly attributes: readonly string[] };
  readonly roles: Roles;
  /** With `passwords`: one that the store's policy refuses, of a kind that no other text holds by chance. */
  readonly weakPassword?: string;

  /** An account that the store would take: `key` becomes its name by the store's own syntax, escaped where need be. */
  account(key: string): Sample;
  entitlement(key: EntitlementKey): EntitlementSample;
  /** The entitlements that are there though nobody made them and nobody holds them. Default: none. */
  readonly standing?: readonly EntitlementKey[];

  readonly outside: Outside;
  readonly faults: Faults;
  /** Leaves the store without accounts and entitlements, and all faults disarmed. Called before each test. */
  reset(): Promise<void>;
  /** Stops all servers and removes the folder. */
  stop(): Promise<void>;
}

/** Which attribute plays which part. */
export interface Roles {
  /** A free text of one value, up to 1,000 characters, that an account may be without. `account()` leaves it out. */
  readonly text: string;
  /** What correlation would look for; `account(key)` sets it to a value of its own. */
  readonly key: string;
  readonly multi?: string;
  readonly binary?: string;
}

export interface Sample {
  readonly key: string;
  readonly name: string;
  readonly attributes: Attributes;
}

/** The entitlements that the suite uses; `absent` never exists. */
export type EntitlementKey = "staff" | "crew" | "new" | "absent";
export const entitlementKeys = ["staff", "crew", "new"] as const satisfies readonly EntitlementKey[];

export interface EntitlementSample {
  readonly name: string;
  /** All the ways a manifest could point at it, anchors left out. */
  readonly refs: readonly EntitlementRef[];
  /** What a `create` needs. */
  readonly attributes: Readonly<Record<string, Values>>;
}

/** Somebody else's hands and eyes: the store's own tool or driver, never the connector. */
export interface Outside {
  /** Creates enabled accounts, thousands of them in a few seconds. */
  fill(samples: readonly Sample[]): Promise<void>;
  read(sample: Sample): Promise<OutsideAccount | undefined>;
  edit(sample: Sample, attribute: string, values: Values): Promise<void>;
  remove(sample: Sample): Promise<void>;
  disable(sample: Sample): Promise<void>;
  /** Where it is `standing` already: only gives it the members. */
  createEntitlement(key: EntitlementKey, members: readonly Sample[]): Promise<void>;
  addMember(key: EntitlementKey, sample: Sample): Promise<void>;
  /** With `passwords`: whether somebody gets in with it. */
  login?(sample: Sample, password: string): Promise<boolean>;
  /** Whether the password must be changed first; absent where the store has no such notion. */
  mustChange?(sample: Sample): Promise<boolean>;
  /** How many members it has, fillers left out. */
  countMembers(key: EntitlementKey): Promise<number>;
}

export interface OutsideAccount {
  readonly attributes: Attributes;
  /** Undefined where the store has no such notion. */
  readonly enabled: boolean | undefined;
}

/** One for each feature that the subject declares. */
export interface Faults {
  /** Arms: the next scan of 2,500 accounts loses its connection after some of them were sent. */
  dropMidPage?(): Promise<void>;
  /** Arms: the next create is made, and its answer lost. The connector is connected already. */
  loseAnswer?(): Promise<void>;
  stopServer?(): Promise<void>;
  startServer?(): Promise<void>;
  /** Store blocks. */
  readonly wrongPassword?: unknown;
  /** A credential that can read everything and write nothing. */
  readonly readOnly?: unknown;
  /** From now on another server, just as good and with the same content, answers there. Nothing but `stop` follows. */
  replaceServer?(): Promise<void>;
}
