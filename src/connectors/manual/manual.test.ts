import { beforeEach, describe, expect, it } from "vitest";
import type { Call, Connector, StoreChange } from "../contract.ts";
import type { Notebook } from "../notebook.ts";
import { manualStoreBlock } from "./blocks.ts";
import { manualConnector } from "./manual.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

let kept: Map<string, string>;
/** The keys of each write. */
let writes: string[][];
const notebook: Notebook = {
  id: "here",
  read: async () => new Map(kept),
  async write(texts) {
    writes.push(Object.keys(texts));
    for (const [key, text] of Object.entries(texts))
      if (text === undefined) kept.delete(key);
      else kept.set(key, text);
  },
};

beforeEach(() => {
  kept = new Map();
  writes = [];
});

function connected(
  store: object = { entitlements: ["lab", "front door"] },
  to: Notebook | "nowhere" = notebook,
): Connector {
  const environment = {
    path: (path: string) => path,
    secret: () => Promise.reject(new Error("no secrets here")),
    ...(to !== "nowhere" && { notebook: to }),
  };
  return manualConnector
    .connect(manualStoreBlock.parse(store), environment)
    .target({ block: {}, attributes: ["room"] });
}

async function apply(connector: Connector, ...changes: StoreChange[]): Promise<string> {
  const [outcome] = await Array.fromAsync(connector.apply(changes, call));
  if (!outcome?.ok) throw outcome?.error;
  return outcome.anchor;
}

const create = (name: string): StoreChange => ({
  ...{ id: 1, kind: "create", name, attributes: { room: ["12"] }, enabled: true },
});

const hold = (entitlement: string, anchor: string): StoreChange => ({
  ...{ id: 1, kind: "members", entitlement, name: entitlement },
  ...{ add: [{ anchor, name: "ann" }], remove: [] },
});

const names = async (connector: Connector, what: "accounts" | "entitlements") =>
  (await Array.fromAsync(connector.scan(what, call))).flat().map(({ name }) => name);

describe("records", () => {
  it("are kept one text each, and only those are written that differ", async () => {
    const connector = connected();
    const ann = await apply(connector, create("ann"));
    await apply(connector, create("bob"));
    writes = [];
    await apply(connector, hold("lab", ann));
    await apply(connector, hold("lab", ann));
    expect(writes).toEqual([["entitlement lab"]]);
    await apply(connector, { id: 1, kind: "delete", anchor: ann, name: "ann" });
    expect(writes[1]).toEqual(["entitlement lab", `account ${ann}`]);
    expect([...kept.keys()].filter((key) => key.startsWith("account"))).toHaveLength(1);
  });

  it("are there for whoever connects next, and whatever others have written since", async () => {
    const [one, two] = [connected(), connected()];
    await apply(one, create("ann"));
    expect(await names(two, "accounts")).toEqual(["ann"]);
    await apply(two, create("bob"));
    expect(await names(one, "accounts")).toEqual(["ann", "bob"]);
  });

  it("of which one is broken are an error with a cure, never a store without it", async () => {
    const connector = connected();
    const ann = await apply(connector, create("ann"));
    for (const text of ["{", '{"name":1}']) {
      kept.set(`account ${ann}`, text);
      await expect(names(connected(), "accounts")).rejects.toMatchObject({
        kind: "Unavailable",
        message: `cannot read the record account ${ann}: it is not as it was written; restore the state from a backup`,
      });
    }
  });

  it("without a state to keep them are an error", async () => {
    const connector = connected({}, "nowhere");
    await expect(names(connector, "accounts")).rejects.toMatchObject({ kind: "Unavailable" });
  });
});

describe("entitlements", () => {
  it("are those that the Store lists, and those that somebody still holds", async () => {
    const connector = connected();
    expect(await names(connector, "entitlements")).toEqual(["lab", "front door"]);
    await apply(connector, hold("lab", await apply(connector, create("ann"))));
    expect(await names(connected({ entitlements: ["roof"] }), "entitlements")).toEqual(["lab", "roof"]);
  });
});

describe("the store", () => {
  it("is another one where the state is", async () => {
    const fingerprint = (to: Notebook) =>
      manualConnector
        .connect(manualStoreBlock.parse({}), {
          path: (path) => path,
          secret: () => Promise.reject(new Error("no secrets here")),
          notebook: to,
        })
        .fingerprint(call);
    expect(await fingerprint(notebook)).not.toBe(await fingerprint({ ...notebook, id: "elsewhere" }));
  });

  it("misses what is mapped and not declared", async () => {
    expect((await connected({ attributes: { floor: {} } }).check(call)).problems).toEqual([
      "declare the attribute room in the Store's manual.attributes, or unmap it",
    ]);
  });
});
