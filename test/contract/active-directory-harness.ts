import { createHash } from "node:crypto";
import { Client, type Entry, EqualityFilter, InvalidCredentialsError } from "ldapts";
import { activeDirectoryConnector } from "../../src/connectors/active-directory/active-directory.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import type { Values } from "../../src/core/model/values.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { allowRestoring } from "../support/samba-restoring.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { addAll, attributesIn, deleteAll, modification } from "./ldap-outside.ts";
import type { Harness, Sample } from "./subject.ts";

const binary = "thumbnailPhoto";
/** Characters of a cn (its rangeUpper in the schema). */
const longestName = 64;

/** A Samba domain controller as the contract suite sees it: the connector comes through a proxy that can fail, somebody else's hands do not. */
export async function startActiveDirectory(): Promise<Harness> {
  const server = await startSamba();
  await allowRestoring(server);
  const proxy = await startTcpProxy(636, server.address);
  const outside = new Administrator(server);
  const store = (name: string, password: string) => ({
    urls: [`ldaps://127.0.0.1:${proxy.port}`],
    bind: { name, password: { env: password } },
    ca: { env: "CA" },
    pageSize: 500,
  });
  const secrets: Readonly<Record<string, string>> = {
    SERVICE: server.servicePassword,
    READER: server.readerPassword,
    WRONG: "not the password",
    CA: server.ca.text,
  };
  const target = { bases: [server.peopleDn], groups: { base: server.groupsDn } };
  const dnOf = (key: string) => `CN=${key},${server.groupsDn}`;
  return {
    type: activeDirectoryConnector,
    store: store(server.serviceName, "SERVICE"),
    target,
    attributes: ["sAMAccountName", "employeeNumber", "info", "otherTelephone", binary],
    environment: { secret: async ({ env = "" }) => secrets[env] ?? "", path: (relative) => relative },
    misfit: { target: { ...target, bases: [`OU=Nowhere,${server.suffix}`] }, attributes: ["shoeSize"] },
    weakPassword: "kurz",
    roles: { text: "info", key: "employeeNumber", multi: "otherTelephone", binary },
    account: (key) => ({
      key,
      name: `CN=${escapeNameValue(key.slice(0, longestName))},${server.peopleDn}`,
      attributes: { sAMAccountName: [logonName(key)], employeeNumber: [key] },
    }),
    entitlement: (key) => ({
      name: dnOf(key),
      refs: [
        { name: key, by: "Name" },
        { name: dnOf(key), by: "DN" },
      ],
      attributes: { description: [`the ${key}`] },
    }),
    outside: {
      fill: (samples) => outside.fill(samples),
      read: (sample) => outside.read(sample),
      edit: (sample, attribute, values) => outside.edit(sample.name, attribute, values),
      remove: (sample) => outside.use((client) => client.del(sample.name)),
      disable: (sample) => outside.edit(sample.name, "userAccountControl", ["514"]),
      createEntitlement: (key, members) => outside.createGroup(dnOf(key), key, members),
      addMember: (key, sample) =>
        outside.use((client) =>
          client.modify(dnOf(key), modification("add", "member", [sample.name], binary)),
        ),
      login: (sample, password) => outside.login(sample, password),
      mustChange: async (sample) => (await outside.read(sample))?.attributes.pwdLastSet?.[0] === "0",
      countMembers: (key) => outside.countMembers(dnOf(key)),
    },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 50_000 }),
      loseAnswer: async () => proxy.fail({ kind: "CutAfter", bytes: 0 }),
      stopServer: () => server.kill(),
      startServer: () => server.restart(),
      wrongPassword: store(server.serviceName, "WRONG"),
      readOnly: store(server.readerDn, "READER"),
      replaceServer: () => server.replace(),
    },
    async reset() {
      proxy.heal();
      await outside.empty();
    },
    async stop() {
      await proxy.close();
      await server.stop();
    },
  };
}

/** A name of the few characters that may be in one (MS-SAMR §3.1.1.8.4), the same for the same key. */
function logonName(key: string): string {
  return /^[a-z0-9]{1,20}$/.test(key) ? key : createHash("sha1").update(key).digest("hex").slice(0, 20);
}

/** The domain's administrator, with another client of the same library. */
class Administrator {
  private readonly server: Samba;

  constructor(server: Samba) {
    this.server = server;
  }

  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { ldapsUrl, ca, adminDn, adminPassword } = this.server;
    const client = new Client({ url: ldapsUrl, tlsOptions: { ca: [ca.text] } });
    try {
      await client.bind(adminDn, adminPassword);
      return await work(client);
    } finally {
      await client.unbind();
    }
  }

  fill(samples: readonly Sample[]): Promise<void> {
    return this.use((client) =>
      addAll(client, samples, { objectClass: ["user"], userAccountControl: ["512"] }),
    );
  }

  async read(sample: Sample) {
    const entry = await this.entry(sample.name);
    if (entry === undefined) return undefined;
    const attributes = attributesIn(entry);
    return { attributes, enabled: (Number(attributes.userAccountControl?.[0]) & 2) === 0 };
  }

  /** Not with a password that must be changed first either. */
  async login({ name }: Sample, password: string): Promise<boolean> {
    const { ldapsUrl, ca } = this.server;
    const client = new Client({ url: ldapsUrl, tlsOptions: { ca: [ca.text] } });
    try {
      await client.bind(name, password);
      return true;
    } catch (error) {
      if (error instanceof InvalidCredentialsError) return false;
      throw error;
    } finally {
      await client.unbind();
    }
  }

  edit(dn: string, attribute: string, values: Values): Promise<void> {
    return this.use((client) => client.modify(dn, modification("replace", attribute, values, binary)));
  }

  createGroup(dn: string, name: string, members: readonly Sample[]): Promise<void> {
    const group = { objectClass: "group", sAMAccountName: name, member: members.map(({ name }) => name) };
    return this.use((client) => client.add(dn, group));
  }

  async countMembers(dn: string): Promise<number> {
    const { searchEntries } = await this.search(this.server.peopleDn, "memberOf", dn);
    return searchEntries.length;
  }

  async empty(): Promise<void> {
    const { groupsDn, peopleDn, disabledDn } = this.server;
    await this.use(async (client) => {
      for (const base of [groupsDn, peopleDn, disabledDn]) {
        const { searchEntries } = await client.search(base, {
          filter: "(|(objectClass=user)(objectClass=group))",
          attributes: ["1.1"],
          paged: true,
        });
        await deleteAll(client, searchEntries);
      }
    });
  }

  private async entry(dn: string): Promise<Entry | undefined> {
    return (await this.search(this.server.managedDn, "distinguishedName", dn)).searchEntries[0];
  }

  private search(base: string, attribute: string, value: string) {
    const filter = new EqualityFilter({ attribute, value });
    return this.use((client) =>
      client.search(base, { filter, explicitBufferAttributes: [binary], paged: true }),
    );
  }
}
