import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "../../src/connectors/errors.ts";
import { jsonlConnector } from "../../src/connectors/jsonl/jsonl.ts";
import type { Values } from "../../src/core/model/values.ts";
import { makeFolder } from "../support/folder.ts";
import { entitlementKeys, everything, type Features, type Harness, type Sample } from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features: Features = {
  ...everything,
  createEntitlements: "an entitlement is a word in a list, and there is nothing to create",
  passwords: "a file has no logins",
  restore: "what is gone from a file is gone",
  binary: "JSON holds text",
  droppedMidPage: "a file has no connection; files/bad-input.test.ts replaces and truncates it instead",
  restart: "a file has no server; files/bad-input.test.ts takes it away and puts it back instead",
  lostAnswer: "a rename on this machine answers, or did not happen",
  otherServer: "a file has no server",
  wrongPassword: "a file asks for no password",
  readOnly: "rights are the file system's, and root, who may run the tests, has all",
};

contractSuite({
  name: "jsonl",
  features,
  start: () => start({ key: "user.login", id: "id", columns: { text: "user.note" } }),
});

contractSuite({
  name: "jsonl without an id",
  features: { ...features, rename: "the key is the anchor, and an anchor never changes" },
  start: () => start({ key: "user.login", columns: { text: "user.note" } }),
});

interface Entry {
  id?: number;
  user: { login: string; note?: string; number?: string };
  mail?: string[];
  active: boolean;
  groups?: string[];
  /** Nobody's business here, and to be kept. */
  other: unknown;
}

async function start(layout: { key: string; id?: string; columns: Record<string, string> }) {
  const folder = await makeFolder("jsonl");
  const path = join(folder.path, "people.jsonl");
  const ids = new Map<string, number>();
  const idOf = (key: string) => {
    const id = ids.get(key) ?? 9_007_199_254_000 + ids.size;
    ids.set(key, id);
    return id;
  };

  async function look(): Promise<Map<string, Entry>> {
    const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    return new Map(lines.map((line) => JSON.parse(line) as Entry).map((entry) => [entry.user.login, entry]));
  }

  async function edit(change: (entries: Map<string, Entry>) => void): Promise<void> {
    const entries = await look();
    change(entries);
    await write([...entries.values()]);
  }

  const write = (entries: readonly Entry[]) =>
    writeFile(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const found = (entries: Map<string, Entry>, { name }: Sample) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`no object ${name}`);
    return entry;
  };
  const entryOf = (sample: Sample): Entry => ({
    ...(layout.id !== undefined && { id: idOf(sample.key) }),
    user: { login: sample.name, number: sample.attributes["user.number"]![0]! },
    active: true,
    other: [{ deep: null }],
  });
  const set = (entry: Entry, attribute: string, values: Values) => {
    if (attribute === "mail") entry.mail = [...values];
    else if (attribute === "text") entry.user.note = values[0]!;
    else entry.user.number = values[0]!;
  };

  const hold = (entry: Entry, key: string) => {
    entry.groups = [...(entry.groups ?? []), key];
  };

  const harness: Harness = {
    type: jsonlConnector,
    store: { file: path, rows: { atLeast: 0 } },
    target: {
      ...layout,
      types: { id: "Number", mail: "Strings" },
      disabled: { column: "active", enabled: "true", disabled: "false" },
      entitlements: { column: "groups", names: [...entitlementKeys] },
    },
    attributes: ["text", "user.number", "mail", ...(layout.id === undefined ? [] : ["id"])],
    environment: {
      path: (file) => file,
      secret: async () => {
        throw new StoreError("Unauthenticated", "no secrets here");
      },
    },
    misfit: { target: { key: "login", entitlements: { column: "login" } }, attributes: ["text"] },
    roles: { text: "text", key: "user.number", multi: "mail" },
    standing: entitlementKeys,
    account: (key) => ({
      key,
      name: key,
      attributes: {
        "user.number": [`n-${key}`],
        ...(layout.id !== undefined && { id: [String(idOf(key))] }),
      },
    }),
    entitlement: (key) => ({ name: key, refs: [{ name: key, by: "Name" }], attributes: {} }),
    outside: {
      fill: (samples) =>
        edit((entries) => {
          for (const sample of samples) entries.set(sample.name, entryOf(sample));
        }),
      async read({ name }) {
        const entry = (await look()).get(name);
        if (entry === undefined) return undefined;
        const { note, number } = entry.user;
        const attributes = {
          text: note === undefined ? [] : [note],
          "user.number": number === undefined ? [] : [number],
          mail: entry.mail ?? [],
          id: entry.id === undefined ? [] : [String(entry.id)],
        };
        const held = Object.entries(attributes).filter(([, values]) => values.length > 0);
        return { enabled: entry.active, attributes: Object.fromEntries(held) };
      },
      edit: (sample, attribute, values) => edit((entries) => set(found(entries, sample), attribute, values)),
      remove: ({ name }) => edit((entries) => void entries.delete(name)),
      disable: (sample) =>
        edit((entries) => {
          found(entries, sample).active = false;
        }),
      createEntitlement: (key, members) =>
        edit((entries) => {
          for (const member of members) hold(found(entries, member), key);
        }),
      addMember: (key, sample) => edit((entries) => hold(found(entries, sample), key)),
      async countMembers(key) {
        const entries = (await look()).values();
        return entries.filter(({ groups }) => groups?.includes(key)).toArray().length;
      },
    },
    faults: {},
    reset: () => write([]),
    stop: () => folder.remove(),
  };
  return harness;
}
