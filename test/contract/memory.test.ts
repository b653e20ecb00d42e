import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "../../src/connectors/errors.ts";
import type { MemoryFaults } from "../../src/connectors/memory/faults.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import type { MemoryOptions } from "../../src/connectors/memory/options.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { escapeNameValue } from "../../src/core/model/distinguished-name.ts";
import { makeFolder } from "../support/folder.ts";
import { everything, type Features, type Harness, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const attributes = {
  uid: { required: true, multiValued: false },
  description: { multiValued: false, matching: "caseExact", maxLength: 1_000 },
  telephoneNumber: { matching: "telephone" },
  photo: { matching: "binary", multiValued: false },
} as const satisfies MemoryOptions["attributes"];

const features: Features = {
  ...everything,
  wrongPassword: "it asks for no password",
  readOnly: "it has no credentials, and so no rights",
};

const noFile = "nothing stands between it and its file";

contractSuite({
  name: "memory",
  features,
  async start() {
    const store = new MemoryStore({ attributes });
    return harness(store, { attributes }, { edit: async (edit) => edit(store), stop: async () => {} });
  },
});

contractSuite({
  name: "memory in a file",
  features: { ...features, droppedMidPage: noFile, restart: noFile, lostAnswer: noFile },
  async start() {
    const folder = await makeFolder("memory");
    const path = join(folder.path, "store.json");
    const outside = new MemoryStore({ attributes });
    await save(path, outside);
    const block = { file: path, attributes };
    return harness(outside, block, {
      edit: (edit) => editFile(path, outside, edit),
      stop: () => folder.remove(),
    });
  },
});

interface Hands {
  edit<T>(edit: (store: MemoryStore) => T): Promise<T>;
  stop(): Promise<void>;
}

function harness(
  store: MemoryStore,
  block: Readonly<Record<string, unknown>>,
  { edit, stop }: Hands,
): Harness {
  const connector = block.file === undefined ? memoryConnector(store) : memoryConnector();
  const entitlementName = (key: string) => `cn=${key},ou=groups,dc=example,dc=org`;
  return {
    type: connector,
    store: block,
    target: {},
    attributes: Object.keys(attributes),
    environment: {
      path: (path) => path,
      secret: async () => {
        throw new StoreError("Unauthenticated", "no secrets here");
      },
    },
    weakPassword: "weak42",
    misfit: { target: {}, attributes: ["shoeSize"] },
    roles: { text: "description", key: "uid", multi: "telephoneNumber", binary: "photo" },
    account: (key) => ({
      key,
      name: `uid=${key.includes("\0") ? key : escapeNameValue(key)},ou=people,dc=example,dc=org`,
      attributes: { uid: [key] },
    }),
    entitlement: (key) => ({
      name: entitlementName(key),
      refs: [
        { name: key, by: "Name" },
        { name: entitlementName(key), by: "DN" },
      ],
      attributes: { description: ["made by the suite"] },
    }),
    outside: {
      login: ({ name }, password) => edit((all) => all.login(name, password)),
      mustChange: ({ name }) =>
        edit((all) => all.passwords.entries.get(all.account(name)?.anchor ?? "")?.mustChange === true),
      fill: (samples) =>
        edit((all) => {
          for (const { name, attributes: values } of samples) all.addAccount(name, values);
        }),
      read: ({ name }) => edit((all) => all.account(name)),
      edit: (sample, attribute, values) => change(sample, { attributes: { [attribute]: values } }),
      remove: ({ name }) => edit((all) => all.removeAccount(name)),
      disable: (sample) => change(sample, { enabled: false }),
      createEntitlement: (key, members) =>
        edit(
          (all) =>
            void all.addEntitlement(
              entitlementName(key),
              members.map(({ name }) => name),
            ),
        ),
      addMember: (key, { name }) => edit((all) => all.addMember(entitlementName(key), name)),
      countMembers: (key) => edit((all) => all.entitlement(entitlementName(key))?.members.size ?? 0),
    },
    faults: {
      async dropMidPage() {
        store.faults = { page: () => fail(store, "lost the connection") };
      },
      async loseAnswer() {
        store.faults = { losesAnswer: () => true };
      },
      async stopServer() {
        store.faults = { call: () => fail(store, "no answer", store.faults) };
      },
      async startServer() {
        store.faults = {};
      },
      replaceServer: () =>
        edit((all) => {
          all.fingerprint = "another";
        }),
    },
    reset: () =>
      edit((all) => {
        all.faults = {};
        all.restore({ accounts: [], deleted: [], entitlements: [], next: all.next });
      }),
    stop,
  };

  function change({ name }: Sample, what: Parameters<MemoryStore["editAccount"]>[1]): Promise<void> {
    return edit((all) => all.editAccount(name, what));
  }
}

/** Fails once, or for as long as `faults` stay. */
function fail(store: MemoryStore, message: string, faults: MemoryFaults = {}): never {
  store.faults = faults;
  throw new StoreError("Unavailable", message);
}

/** Edits the JSON file as a person would: reads it, changes it, replaces it. */
async function editFile<T>(path: string, store: MemoryStore, edit: (store: MemoryStore) => T): Promise<T> {
  const content = JSON.parse(await readFile(path, "utf8"));
  store.restore({
    next: content.next,
    accounts: content.accounts,
    deleted: content.deleted ?? [],
    passwords: Object.entries(content.passwords ?? {}),
    entitlements: content.entitlements.map((one: { members: string[] }) => ({
      ...one,
      members: new Set(one.members),
    })),
  });
  store.fingerprint = content.fingerprint;
  const result = edit(store);
  await save(path, store);
  return result;
}

async function save(path: string, store: MemoryStore): Promise<void> {
  const entitlements = [...store.entitlements.values()].map((one) => ({ ...one, members: [...one.members] }));
  const { next, fingerprint } = store;
  const [accounts, deleted] = [[...store.accounts.values()], [...store.deleted.values()]];
  const passwords = Object.fromEntries(store.passwords.entries);
  const text = JSON.stringify({ fingerprint, next, accounts, deleted, passwords, entitlements });
  await writeFile(`${path}.edited`, text);
  await rename(`${path}.edited`, path);
}
