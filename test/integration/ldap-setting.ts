import { Attribute, Change, Client } from "ldapts";
import { expect } from "vitest";
import type {
  Call,
  Connector,
  Outcome,
  StoreChange,
  StoreConnection,
} from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import { ldapConnector } from "../../src/connectors/ldap/ldap.ts";
import type { OpenLdap } from "../support/openldap.ts";

/** Secrets by the name of the environment variable that a block refers to. */
export type Secrets = Readonly<Record<string, string>>;

export function call(milliseconds = 60_000, signal = new AbortController().signal): Call {
  return { signal, deadline: Date.now() + milliseconds };
}

/** The service account's Store block for this server, on plain loopback unless told otherwise. */
export function storeBlock(server: OpenLdap, more: Readonly<Record<string, unknown>> = {}) {
  const bind = { dn: server.serviceDn, password: { env: "PASSWORD" } };
  return { url: server.url, plaintext: "Allowed", bind, ...more };
}

export function connect(
  server: OpenLdap,
  store: unknown = storeBlock(server),
  secrets: Secrets = {},
): StoreConnection {
  const known: Secrets = { PASSWORD: server.servicePassword, ...secrets };
  return ldapConnector.connect(ldapConnector.storeSchema.parse(store), {
    secret: async ({ env = "" }) => known[env] ?? "",
    path: (relative) => relative,
  });
}

export function targetOf(
  connection: StoreConnection,
  block: unknown,
  attributes: readonly string[] = [],
): Connector {
  return connection.target({ block: ldapConnector.targetSchema.parse(block), attributes });
}

export async function apply(connector: Connector, ...changes: StoreChange[]): Promise<Outcome[]> {
  const outcomes = await Array.fromAsync(connector.apply(changes, call()));
  return outcomes.sort((a, b) => a.id - b.id);
}

/** Applies one change that must succeed. */
export async function done(connector: Connector, change: StoreChange) {
  const [outcome] = await apply(connector, change);
  if (!outcome?.ok) throw outcome?.error ?? new Error("no outcome");
  return outcome;
}

/** Applies one change that must be refused. */
export async function refused(connector: Connector, change: StoreChange): Promise<StoreError> {
  const [outcome] = await apply(connector, change);
  if (outcome === undefined || outcome.ok)
    throw new Error("the change was made, and should have been refused");
  return outcome.error;
}

/** The `StoreError` that this throws. */
export async function failure(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

export async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  return (await Array.fromAsync(pages)).flat();
}

export function person(server: OpenLdap, uid: string, id = 1) {
  const attributes = { objectClass: ["inetOrgPerson"], uid: [uid], cn: [uid], sn: [uid] };
  return { id, kind: "create", name: `uid=${uid},${server.peopleDn}`, attributes, enabled: true } as const;
}

/** Works as the administrator, with the library's own client. */
export async function asAdmin<T>(server: OpenLdap, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ url: server.url });
  try {
    await client.bind(server.adminDn, server.adminPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

/** An entry's attributes, each as a list of texts; undefined where there is none. */
export function readEntry(server: OpenLdap, dn: string, ...attributes: string[]) {
  return asAdmin(server, async (client) => {
    const entry = await client
      .search(dn, { scope: "base", attributes: attributes.length === 0 ? ["*", "+"] : attributes })
      .then((result) => result.searchEntries[0])
      .catch(() => undefined);
    return (
      entry &&
      Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, [value].flat().map(String)]))
    );
  });
}

export function replacement(type: string, ...values: string[]): Change {
  return new Change({ operation: "replace", modification: new Attribute({ type, values }) });
}

/** What ends with its block: `await using connection = disposable(connect(…))`. */
export function disposable<T extends { close(): Promise<void> }>(it: T) {
  return { it, [Symbol.asyncDispose]: () => it.close() };
}
