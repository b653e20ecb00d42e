import { Client, type Entry, NoSuchObjectError, ResultCodeError, type SearchOptions } from "ldapts";
import { ldapConnector } from "../../src/connectors/ldap/ldap.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import type { Values } from "../../src/core/model/values.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { addAll, attributesIn, deleteAll, modification, textsOf } from "./ldap-outside.ts";
import type { Harness, Sample } from "./subject.ts";

const binary = "audio";

/** What one server brings beside what all have in common. */
interface Particulars {
  readonly server: DirectoryServer;
  readonly disable: unknown;
  /** What the administrator does to disable an account, and where it shows. */
  readonly disabled: { readonly attribute: string; readonly value: string };
  /** Whether a client says that a password must be changed first; else the policy does, of all that others set. */
  readonly marksPasswords: boolean;
  /** Classes of an account as the server lists them. */
  readonly classes: Values;
  /** Loads the same entries into a new database: another directory at the same address. */
  replace(): Promise<void>;
}

/** A directory as the contract suite sees it: the connector comes through a proxy that can fail, somebody else's hands do not. */
export async function directoryHarness(particulars: Particulars): Promise<Harness> {
  const { server, disable, disabled, marksPasswords, classes, replace } = particulars;
  const proxy = await startTcpProxy(server.port);
  const outside = new Outsider(server, disabled);
  const store = (dn: string, password: string) => ({
    url: `ldap://127.0.0.1:${proxy.port}`,
    ca: { env: "CA" },
    bind: { dn, password: { env: password } },
    pageSize: 500,
  });
  const secrets: Readonly<Record<string, string>> = {
    SERVICE: server.servicePassword,
    READER: server.readerPassword,
    WRONG: "not the password",
    CA: server.ca.text,
  };
  const target = {
    bases: [server.peopleDn],
    disable,
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
    environment: { secret: async ({ env = "" }) => secrets[env] ?? "", path: (relative) => relative },
    misfit: { target: { ...target, bases: [`ou=nowhere,${server.suffix}`] }, attributes: ["shoeSize"] },
    roles: { text: "description", key: "employeeNumber", multi: "telephoneNumber", binary },
    weakPassword: "kurz.1",
    account: (key) => ({
      key,
      name: `uid=${escapeNameValue(key)},${server.peopleDn}`,
      attributes: { objectClass: classes, uid: [key], cn: [key], sn: [key], employeeNumber: [key] },
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
      disable: (sample) => outside.edit(sample.name, disabled.attribute, [disabled.value]),
      createEntitlement: (key, members) => outside.createGroup(dnOf(key), key, members),
      addMember: (key, sample) =>
        outside.use((client) =>
          client.modify(dnOf(key), modification("add", "member", [sample.name], binary)),
        ),
      login: (sample, password) => outside.login(sample.name, password),
      ...(marksPasswords && { mustChange: (sample) => outside.mustChange(sample.name) }),
      countMembers: (key) => outside.countMembers(dnOf(key)),
    },
    faults: {
      dropMidPage: async () => proxy.fail({ kind: "CutAfter", bytes: 50_000 }),
      loseAnswer: async () => proxy.fail({ kind: "CutAfter", bytes: 0 }),
      stopServer: () => server.kill(),
      startServer: () => server.restart(),
      wrongPassword: store(server.serviceDn, "WRONG"),
      readOnly: store(server.readerDn, "READER"),
      replaceServer: replace,
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

/** The administrator, with another client of the same library. */
class Outsider {
  private readonly server: DirectoryServer;
  private readonly disabled: Particulars["disabled"];

  constructor(server: DirectoryServer, disabled: Particulars["disabled"]) {
    this.server = server;
    this.disabled = disabled;
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

  fill(samples: readonly Sample[]): Promise<void> {
    return this.use((client) => addAll(client, samples));
  }

  async read(sample: Sample) {
    const entry = await this.entry(sample.name);
    if (entry === undefined) return undefined;
    const attributes = attributesIn(entry);
    const { attribute, value } = this.disabled;
    return { attributes, enabled: !(attributes[attribute] ?? []).includes(value) };
  }

  edit(dn: string, attribute: string, values: Values): Promise<void> {
    return this.use((client) => client.modify(dn, modification("replace", attribute, values, binary)));
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
        const { searchEntries } = await client.search(base, { scope: "one", attributes: ["1.1"] });
        await deleteAll(client, searchEntries);
      }
    });
  }

  async login(dn: string, password: string): Promise<boolean> {
    const client = new Client({ url: this.server.url });
    try {
      await client.bind(dn, password);
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError) return false;
      throw error;
    } finally {
      await client.unbind();
    }
  }

  async mustChange(dn: string): Promise<boolean> {
    return textsOf((await this.entry(dn))?.pwdReset ?? []).includes("TRUE");
  }

  private entry(dn: string): Promise<Entry | undefined> {
    return this.use(async (client) => {
      const attributes = ["*", "pwdReset", this.disabled.attribute];
      const options: SearchOptions = { scope: "base", attributes, explicitBufferAttributes: [binary] };
      const found = await client.search(dn, options).catch(absent);
      return found.searchEntries[0];
    });
  }
}

function absent(error: unknown): { searchEntries: Entry[] } {
  if (error instanceof NoSuchObjectError) return { searchEntries: [] };
  throw error;
}
