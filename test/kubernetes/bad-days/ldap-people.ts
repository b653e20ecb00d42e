import { Client, type Entry } from "ldapts";
import { company } from "../../support/company.ts";
import type { OpenLdap } from "../../support/openldap.ts";
import type { Manifest } from "../../support/world.ts";

export interface PeopleOptions {
  /** Where the store is reached; by itself if nothing is said. */
  readonly url?: string;
  /** Of the target's spec. */
  readonly target?: Readonly<Record<string, unknown>>;
}

/** The company's store and target, kept in an OpenLDAP; its password is the key `password` of the Secret `corp`. */
export function people(
  { url, serviceDn, peopleDn, groupsDn, adminDn }: OpenLdap,
  options: PeopleOptions = {},
) {
  const [, target] = company(options.target) as [Manifest, Manifest & { spec: { accounts: object } }];
  const password = { secretKeyRef: { name: "corp", key: "password" } };
  const store: Manifest = {
    kind: "Store",
    name: "directory",
    spec: { ldap: { url: options.url ?? url, plaintext: "Allowed", bind: { dn: serviceDn, password } } },
  };
  const attributes = {
    objectClass: { expression: "['inetOrgPerson']" },
    cn: { expression: "identity.userName" },
    sn: { expression: "identity.department" },
    employeeNumber: { expression: "identity.employeeNumber" },
  };
  const block = {
    bases: [peopleDn],
    disable: { attribute: { name: "employeeType", disabled: "Disabled" } },
    groups: { base: groupsDn, filler: adminDn },
  };
  const accounts = { ...target.spec.accounts, attributes };
  return [store, { ...target, spec: { ...target.spec, accounts, ldap: block } }];
}

/** The Secret that the store names, meant for a Store. */
export function secret(namespace: string, password: string, store = "directory"): string {
  const data = { password: Buffer.from(password).toString("base64") };
  const metadata = { name: "corp", namespace, labels: { "rollcall.dev/store": store } };
  return `---\n${JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata, data })}\n`;
}

export async function asAdmin<T>(
  { url, adminDn, adminPassword }: OpenLdap,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ url });
  try {
    await client.bind(adminDn, adminPassword);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

/** The people's entries, with when each was last touched. */
export function inLdap(ldap: OpenLdap): Promise<Entry[]> {
  return asAdmin(ldap, async (client) => {
    const attributes = ["*", "entryCSN"];
    const { searchEntries } = await client.search(ldap.peopleDn, { scope: "one", attributes, paged: true });
    return searchEntries;
  });
}
