import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Attribute, Change, Client, type Entry, EqualityFilter } from "ldapts";
import { ldapConnector } from "../../src/connectors/ldap/ldap.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import type { Values } from "../../src/core/model/values.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { baseLdif } from "../support/openldap-ldif.ts";
import { giveToServers, runUnprivileged } from "../support/server-process.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import type { Harness, Sample } from "./subject.ts";

const binary = "audio";

/** slapd as the contract suite sees it: the connector comes through a proxy that can fail, somebody else's hands do not. */
export async function startLdap(): Promise<Harness> {
  const server = await startOpenLdap();
  const proxy = await startTcpProxy(server.port);
  const outside = new Outsider(server);
  const store = (dn: string, password: string) => ({
    url: `ldap://127.0.0.1:${proxy.port}`,
    plaintext: "Allowed",
    bind: { dn, password: { env: password } },
    pageSize: 500,
  });
  const passwords: Readonly<Record<string, string>> = {
    SERVICE: server.servicePassword,
    READER: server.readerPassword,
    WRONG: "not the password",
  };
  const target = {
    bases: [server.peopleDn],
    disable: { attribute: { name: "employeeType", disabled: "Disabled" } },
    groups: { base: server.groupsDn, filler: server.adminDn },
  };
  const dnOf = (key: string) => `cn=${key},${server.groupsDn}`;
  return {
    type: ldapConnector,
    store: store(server.serviceDn, "SERVICE"),
    target,
    attributes: [
      "objectClass",
      "uid",
      "cn",
      "sn",
      "employeeNumber",
      "description",
      "telephoneNumber",
      binary,
    ],
    environment: { secret: async ({ env = "" }) => passwords[env] ?? "", path: (relative) => relative },
    misfit: { target: { ...target, bases: [`ou=nowhere,${server.suffix}`] }, attributes: ["shoeSize"] },
    roles: { text: "description", key: "employeeNumber", multi: "telephoneNumber", binary },
    account: (key) => ({
      key,
      name: `uid=${escapeNameValue(key)},${server.peopleDn}`,
      attributes: { objectClass: ["inetOrgPerson"], uid: [key], cn: [key], sn: [key], employeeNumber: [key] },
    }),
    entitlement: (key) => ({
      name: dnOf(key),
      refs: [
        { name: key, by: "Name" },
        { name: dnOf(key), by: "DN" },
      ],
      attributes: { objectClass: ["groupOfNames"], cn: [key] },
    }),
    outside: {
      fill: (samples) => outside.fill(samples),
      read: (sample) => outside.read(sample),
      edit: (sample, attribute, values) => outside.edit(sample.name, attribute, values),
      remove: (sample) => outside.use((client) => client.del(sample.name)),
      disable: (sample) => outside.edit(sample.name, "employeeType", ["Disabled"]),
      createEntitlement: (key, members) => outside.createGroup(dnOf(key), key, members),
      addMember: (key, sample) =>
        outside.use((client) => client.modify(dnOf(key), modification("add", "member", [sample.name]))),
      countMembers: (key) => outside.countMembers(dnOf(key)),
    },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 50_000 }),
      loseAnswer: async () => proxy.fail({ kind: "CutAfter", bytes: 0 }),
      stopServer: () => server.kill(),
      startServer: () => server.restart(),
      wrongPassword: store(server.serviceDn, "WRONG"),
      readOnly: store(server.readerDn, "READER"),
      replaceServer: () => replace(server),
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

function modification(operation: "add" | "replace", type: string, values: Values): Change {
  const encoded = type === binary ? values.map((value) => Buffer.from(value, "base64")) : [...values];
  return new Change({ operation, modification: new Attribute({ type, values: encoded as string[] }) });
}

/** Loads the same entries into a new database: another directory at the same address. */
async function replace(server: OpenLdap): Promise<void> {
  await server.kill();
  const data = join(server.folder, "data");
  await rm(data, { recursive: true });
  await mkdir(data);
  await giveToServers(data);
  const ldif = join(server.folder, "again.ldif");
  await writeFile(ldif, baseLdif);
  await runUnprivileged("/usr/sbin/slapd", [
    "-T",
    "add",
    "-F",
    join(server.folder, "slapd.d"),
    "-n",
    "1",
    "-w",
    "-l",
    ldif,
  ]);
  await server.restart();
}

/** The administrator, with another client of the same library. */
class Outsider {
  private readonly server: OpenLdap;

  constructor(server: OpenLdap) {
    this.server = server;
  }

  async use<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url: this.server.url });
    try {
      await client.bind(this.server.adminDn, this.server.adminPassword);
      return await work(client);
    } finally {
      await client.unbind();
    }
  }

  async fill(samples: readonly Sample[]): Promise<void> {
    await this.use(async (client) => {
      for (let at = 0; at < samples.length; at += 50)
        await Promise.all(
          samples.slice(at, at + 50).map(({ name, attributes }) => {
            const list = Object.entries(attributes).map(
              ([type, values]) => new Attribute({ type, values: [...values] }),
            );
            return client.add(name, list);
          }),
        );
    });
  }

  async read(sample: Sample) {
    const entry = await this.entry(sample.name);
    if (entry === undefined) return undefined;
    const { dn: _dn, ...rest } = entry;
    const attributes = Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [name, textsOf(value)]),
    );
    return { attributes, enabled: !(attributes.employeeType ?? []).includes("Disabled") };
  }

  edit(dn: string, attribute: string, values: Values): Promise<void> {
    return this.use((client) => client.modify(dn, modification("replace", attribute, values)));
  }

  createGroup(dn: string, cn: string, members: readonly Sample[]): Promise<void> {
    const names = members.map((member) => member.name);
    return this.use((client) => client.add(dn, { objectClass: "groupOfNames", cn, member: names }));
  }

  async countMembers(dn: string): Promise<number> {
    const entry = await this.entry(dn);
    return textsOf(entry?.member ?? []).filter((member) => member !== this.server.adminDn).length;
  }

  async empty(): Promise<void> {
    await this.use(async (client) => {
      for (const base of [this.server.groupsDn, this.server.peopleDn]) {
        const { searchEntries } = await client.search(base, { scope: "children", attributes: ["1.1"] });
        for (let at = 0; at < searchEntries.length; at += 50)
          await Promise.all(searchEntries.slice(at, at + 50).map((entry) => client.del(entry.dn)));
      }
    });
  }

  private entry(dn: string): Promise<Entry | undefined> {
    return this.use(async (client) => {
      const filter = new EqualityFilter({ attribute: "entryDN", value: dn });
      const { searchEntries } = await client.search(this.server.suffix, {
        filter,
        explicitBufferAttributes: [binary],
      });
      return searchEntries[0];
    });
  }
}

function textsOf(value: Entry[string]): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => (Buffer.isBuffer(one) ? one.toString("base64") : one));
}
