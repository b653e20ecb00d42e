import { join } from "node:path";
import { notebookOf } from "../../src/cli/notebook.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import { manualConnector } from "../../src/connectors/manual/manual.ts";
import type { Notebook } from "../../src/connectors/notebook.ts";
import { openState } from "../../src/state/open.ts";
import { makeFolder } from "../support/folder.ts";
import { startPostgres } from "../support/postgres.ts";
import {
  type EntitlementKey,
  entitlementKeys,
  everything,
  type Features,
  type Harness,
  type Sample,
} from "./subject.ts";
import { contractSuite } from "./suite.ts";

const features: Features = {
  ...everything,
  createEntitlements: "the Store lists what there is to be held",
  passwords: "nobody logs in to a record",
  restore: "the record of an account that is gone is not kept",
  binary: "a record holds text",
  droppedMidPage: "all records are read at once",
  wrongPassword: "records are asked for no password",
  readOnly: "who may write the state is the state's to say",
};

contractSuite({
  name: "manual",
  features,
  start: async () => harness(memoryNotebook(), async () => {}),
});

contractSuite({
  name: "manual in a state",
  features,
  async start() {
    const folder = await makeFolder("manual");
    return inState(join(folder.path, "state.db"), () => folder.remove());
  },
});

contractSuite({
  name: "manual in a state in PostgreSQL",
  features,
  async start() {
    const server = await startPostgres();
    return inState(await server.createDatabase(), () => server.stop());
  },
});

async function inState(place: string, removed: () => Promise<void>): Promise<Harness> {
  const state = await openState(place, { realm: "default", mode: "write", initialise: true });
  return harness(notebookOf(state, "badges"), async () => {
    await state.close();
    await removed();
  });
}

function memoryNotebook(): Notebook {
  const kept = new Map<string, string>();
  return {
    id: "memory",
    read: async () => new Map(kept),
    async write(texts) {
      for (const [key, text] of Object.entries(texts))
        if (text === undefined) kept.delete(key);
        else kept.set(key, text);
    },
  };
}

interface Account {
  anchor: string;
  name: string;
  enabled: boolean;
  attributes: Record<string, readonly string[]>;
}

interface Entitlement {
  anchor: string;
  name: string;
  attributes: object;
  members: string[];
}

function harness(notebook: Notebook, stop: () => Promise<void>): Harness {
  let isAway = false;
  let losesAnswers = false;
  let id = "one";
  let made = 0;
  const faulty: Notebook = {
    get id() {
      return id;
    },
    read: () => (isAway ? Promise.reject(new Error("the state is away")) : notebook.read()),
    async write(texts) {
      await notebook.write(texts);
      if (losesAnswers) throw new Error("no answer");
    },
  };
  const records = async <T>(kind: string): Promise<T[]> =>
    [...(await notebook.read())].flatMap(([key, text]) =>
      key.startsWith(`${kind} `) ? [JSON.parse(text) as T] : [],
    );
  const put = (kind: string, all: readonly { anchor: string }[]) =>
    notebook.write(Object.fromEntries(all.map((each) => [`${kind} ${each.anchor}`, JSON.stringify(each)])));
  const account = async ({ name }: Sample) =>
    (await records<Account>("account")).find((each) => each.name === name);
  const edit = async (sample: Sample, change: (account: Account) => void) => {
    const found = (await account(sample))!;
    change(found);
    await put("account", [found]);
  };
  const entitlement = async (key: EntitlementKey): Promise<Entitlement> =>
    (await records<Entitlement>("entitlement")).find(({ name }) => name === key) ?? {
      ...{ anchor: key, name: key, attributes: {}, members: [] },
    };
  const hold = async (key: EntitlementKey, samples: readonly Sample[]) => {
    const anchors = new Map((await records<Account>("account")).map(({ name, anchor }) => [name, anchor]));
    const found = await entitlement(key);
    found.members.push(...samples.map(({ name }) => anchors.get(name)!));
    await put("entitlement", [found]);
  };

  return {
    type: manualConnector,
    store: {
      names: "caseExact",
      entitlements: [...entitlementKeys],
      attributes: { text: {}, number: { required: true }, keys: { multiValued: true } },
    },
    target: {},
    attributes: ["text", "number", "keys"],
    environment: {
      notebook: faulty,
      path: (file) => file,
      secret: async () => {
        throw new StoreError("Unauthenticated", "no secrets here");
      },
    },
    misfit: { target: {}, attributes: ["shoeSize"] },
    roles: { text: "text", key: "number", multi: "keys" },
    standing: entitlementKeys,
    account: (key) => ({ key, name: key, attributes: { number: [`n-${key}`] } }),
    entitlement: (key) => ({ name: key, refs: [{ name: key, by: "Name" }], attributes: {} }),
    outside: {
      fill: (samples) =>
        put(
          "account",
          samples.map(({ name, attributes }) => ({
            ...{ anchor: `told-${++made}`, name, enabled: true, attributes },
          })),
        ),
      read: account,
      edit: (sample, attribute, values) =>
        edit(sample, (found) => {
          found.attributes[attribute] = values;
        }),
      async remove(sample) {
        const { anchor } = (await account(sample))!;
        await notebook.write({ [`account ${anchor}`]: undefined });
      },
      disable: (sample) =>
        edit(sample, (found) => {
          found.enabled = false;
        }),
      createEntitlement: hold,
      addMember: (key, sample) => hold(key, [sample]),
      countMembers: async (key) => (await entitlement(key)).members.length,
    },
    faults: {
      async stopServer() {
        isAway = true;
      },
      async startServer() {
        isAway = false;
      },
      async loseAnswer() {
        losesAnswers = true;
      },
      async replaceServer() {
        id = "another";
      },
    },
    async reset() {
      [isAway, losesAnswers] = [false, false];
      const keys = [...(await notebook.read()).keys()];
      await notebook.write(Object.fromEntries(keys.map((key) => [key, undefined])));
    },
    stop,
  };
}
