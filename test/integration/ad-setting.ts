import { Attribute, Change, Client, type Control } from "ldapts";
import { activeDirectoryConnector } from "../../src/connectors/active-directory/active-directory.ts";
import type { Connector, StoreConnection } from "../../src/connectors/contract.ts";
import type { Samba } from "../support/samba.ts";
import type { Secrets } from "./ldap-setting.ts";

/** The service account's Store block for this controller, unless told otherwise. */
export function storeBlock(server: Samba, more: Readonly<Record<string, unknown>> = {}) {
  const bind = { name: server.serviceName, password: { env: "PASSWORD" } };
  return { urls: [server.ldapsUrl], bind, ca: { env: "CA" }, ...more };
}

export interface ConnectOptions {
  readonly store?: unknown;
  readonly secrets?: Secrets;
  readonly memory?: Map<string, unknown>;
}

export function connect(
  server: Samba,
  { store = storeBlock(server), secrets = {}, memory }: ConnectOptions = {},
): StoreConnection {
  const known: Secrets = { PASSWORD: server.servicePassword, CA: server.ca.text, ...secrets };
  return activeDirectoryConnector.connect(activeDirectoryConnector.storeSchema.parse(store), {
    secret: async ({ env = "" }) => known[env] ?? "",
    path: (relative) => relative,
    ...(memory && { memory }),
  });
}

/** The accounts and groups that were delegated, unless told otherwise. */
export function targetOf(
  connection: StoreConnection,
  server: Samba,
  {
    attributes = [],
    ...block
  }: { readonly attributes?: readonly string[]; readonly [key: string]: unknown } = {},
): Connector {
  const usual = { bases: [server.peopleDn], groups: { base: server.groupsDn } };
  return connection.target({
    block: activeDirectoryConnector.targetSchema.parse({ ...usual, ...block }),
    attributes: ["sAMAccountName", ...attributes],
  });
}

export function person(
  server: Pick<Samba, "peopleDn">,
  uid: string,
  id = 1,
  more: Readonly<Record<string, string[]>> = {},
) {
  const attributes = { sAMAccountName: [uid], ...more };
  return { id, kind: "create", name: `CN=${uid},${server.peopleDn}`, attributes, enabled: false } as const;
}

/** Where to log in: a controller, the first unless told otherwise. */
export type At = Pick<Samba, "ldapsUrl" | "ca">;

/** Works as the administrator, with the library's own client. */
export async function asAdmin<T>(
  server: Pick<Samba, "adminDn" | "adminPassword"> & At,
  work: (client: Client) => Promise<T>,
  at: At = server,
): Promise<T> {
  const client = new Client({ url: at.ldapsUrl, tlsOptions: { ca: [at.ca.text] } });
  try {
    await client.bind(server.adminDn, server.adminPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

/** An entry's attributes, each as a list of texts; undefined where there is none. */
export function readEntry(
  server: Samba,
  dn: string,
  { attributes = ["*"], at = server as At, controls = [] as Control[] } = {},
) {
  return asAdmin(
    server,
    async (client) => {
      const entry = await client
        .search(dn, { scope: "base", attributes }, controls)
        .then((result) => result.searchEntries[0])
        .catch(() => undefined);
      return (
        entry &&
        Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, [value].flat().map(String)]))
      );
    },
    at,
  );
}

export function modification(
  operation: "add" | "delete" | "replace",
  type: string,
  ...values: string[]
): Change {
  return new Change({ operation, modification: new Attribute({ type, values }) });
}
