import { expect } from "vitest";
import type {
  Call,
  Connector,
  ConnectorEnvironment,
  Outcome,
  Sighting,
  StoreChange,
  StoreConnection,
} from "../../src/connectors/contract.ts";
import { StoreError, type StoreErrorKind } from "../../src/connectors/errors.ts";
import type { AccountRecord } from "../../src/core/model/account.ts";
import type { AttributeDelta, Values } from "../../src/core/model/values.ts";
import type { EntitlementKey, Features, Harness, Sample } from "./subject.ts";

/** What the cases work with; filled when the server has started. */
export interface Bench {
  readonly features: Features;
  harness: Harness;
  connection: StoreConnection;
  connector: Connector;
}

export function call(signal: AbortSignal = new AbortController().signal): Call {
  return { signal, deadline: Date.now() + 180_000 };
}

/** Connects as a manifest would: by blocks that went through the connector's schemas. */
export function connect(
  harness: Harness,
  store = harness.store,
  environment = harness.environment,
): StoreConnection {
  return harness.type.connect(harness.type.storeSchema.parse(store), environment);
}

/** The harness's environment, and every secret that it gave out: whole, and the password in it where it is a URL or a connection string. */
export function eavesdropping(harness: Harness): { environment: ConnectorEnvironment; secrets: Set<string> } {
  const secrets = new Set<string>();
  const environment: ConnectorEnvironment = {
    ...harness.environment,
    async secret(reference) {
      const secret = await harness.environment.secret(reference);
      const url = URL.canParse(secret) ? decodeURIComponent(new URL(secret).password) : "";
      const password = /;PWD=([^;]+)/.exec(secret)?.[1] ?? url;
      for (const text of [secret, password]) if (text !== "") secrets.add(text);
      return secret;
    },
  };
  return { environment, secrets };
}

export function target(
  harness: Harness,
  connection: StoreConnection,
  options = { target: harness.target, attributes: harness.attributes },
): Connector {
  return connection.target({
    block: harness.type.targetSchema.parse(options.target),
    attributes: options.attributes,
  });
}

/** One outcome a change, in order; a change without one is in doubt, as the contract says. */
export async function outcomes(
  connector: Connector,
  changes: readonly StoreChange[],
  by = call(),
): Promise<Outcome[]> {
  const found = new Map<number, Outcome>();
  try {
    for await (const outcome of connector.apply(changes, by)) {
      expect(changes.map((change) => change.id)).toContain(outcome.id);
      expect(found.has(outcome.id), `a second outcome for change ${outcome.id}`).toBe(false);
      found.set(outcome.id, outcome);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
  }
  return changes.map(
    ({ id }) => found.get(id) ?? { id, ok: false, error: new StoreError("InDoubt", "got no outcome") },
  );
}

/** Applies one change that must succeed. */
export async function done(connector: Connector, change: StoreChange) {
  const [outcome] = await outcomes(connector, [change]);
  if (!outcome?.ok) throw outcome?.error ?? new Error("no outcome");
  return outcome;
}

/** Applies one change that must be refused. */
export async function refused(connector: Connector, change: StoreChange): Promise<StoreError> {
  const [outcome] = await outcomes(connector, [change]);
  if (outcome === undefined || outcome.ok)
    throw new Error("the change was made, and should have been refused");
  expect(outcome.error).toBeInstanceOf(StoreError);
  return outcome.error;
}

/** The `StoreError` that this throws; anything else fails the test. */
export async function failure(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

export const whileDown: readonly StoreErrorKind[] = ["Unavailable", "Retryable"];

export async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

export function scan(
  connector: Connector,
  what: "accounts" | "entitlements" = "accounts",
): Promise<Sighting[]> {
  return all(connector.scan(what, call()));
}

export async function members(connector: Connector, entitlement: string): Promise<string[]> {
  const found = await all(connector.memberships([entitlement], call()));
  for (const membership of found) expect(membership.entitlement).toBe(entitlement);
  return found.map((membership) => membership.member).sort();
}

/** The one account of this name. */
export async function byName(connector: Connector, name: string): Promise<AccountRecord> {
  const [found] = await connector.find([{ keys: {}, name }], call());
  expect(found, `accounts named ${name}`).toHaveLength(1);
  return found![0]!;
}

export function create(sample: Sample, id = 1, enabled = true): StoreChange {
  return { id, kind: "create", name: sample.name, attributes: sample.attributes, enabled };
}

export function modify(
  account: AccountRecord,
  rest: Partial<Omit<Extract<StoreChange, { kind: "modify" }>, "kind">>,
): StoreChange {
  return { id: 1, kind: "modify", anchor: account.anchor, name: account.name, attributes: [], ...rest };
}

export function delta(name: string, before: Values, after: Values): AttributeDelta {
  return { name, before, after };
}

/** The anchor of an entitlement that is there. */
export async function entitlementAnchor(bench: Bench, key: EntitlementKey): Promise<string> {
  const [found] = await bench.connector.entitlements([bench.harness.entitlement(key).refs[0]!], call());
  expect(found, `entitlement ${key}`).toBeDefined();
  return found!.anchor;
}

export function memberChange(
  entitlement: { readonly anchor: string; readonly name: string },
  add: readonly AccountRecord[],
  remove: readonly AccountRecord[] = [],
): StoreChange {
  return { id: 1, kind: "members", entitlement: entitlement.anchor, name: entitlement.name, add, remove };
}

/** Numbered samples: `pad` keeps them in order. */
export function samples(harness: Harness, count: number): Sample[] {
  return Array.from({ length: count }, (_, n) => harness.account(`u${String(n).padStart(5, "0")}`));
}

/** A fault that the subject declared, and so must have. */
export function need<T>(fault: T | undefined, name: string): T {
  if (fault === undefined) throw new Error(`the harness declares the fault ${name} and does not have it`);
  return fault;
}
