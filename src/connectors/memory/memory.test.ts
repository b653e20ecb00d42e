import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Call, Connector, ConnectorEnvironment, Outcome, StoreChange } from "../contract.ts";
import { StoreError } from "../errors.ts";
import { memoryConnector } from "./memory.ts";
import type { MemoryOptions } from "./options.ts";
import { MemoryStore } from "./store.ts";

const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };

describe("a memory store", () => {
  const attributes = {
    uid: { required: true },
    mail: { maxLength: 10, multiValued: false },
    created: { readOnly: true },
  } as const;

  const refusals: Readonly<Record<string, readonly [given: Record<string, string[]>, says: RegExp]>> = {
    "a required attribute that is missing": [{}, /without uid: it is required/],
    "a value that is too long": [{ uid: ["a"], mail: ["a@example.org"] }, /longer than 10 characters/],
    "several values where one is allowed": [{ uid: ["a"], mail: ["a", "b"] }, /takes one value/],
    "a read-only attribute": [{ uid: ["a"], created: ["now"] }, /read-only/],
    "an attribute it does not know": [{ uid: ["a"], shoeSize: ["42"] }, /no such attribute/],
  };
  for (const [what, [given, says]] of Object.entries(refusals)) {
    it(`refuses ${what} as Invalid, and keeps nothing of it`, async () => {
      const { store, connector } = setting({ attributes });
      const [outcome] = await apply(connector, create("uid=a", given));
      expect(outcome).toMatchObject({
        ok: false,
        error: { kind: "Invalid", message: expect.stringMatching(says) },
      });
      expect(store.accounts.size).toBe(0);
    });
  }

  it("keeps the last member where an entitlement needs one, and creates none without", async () => {
    const { store, connector } = setting({ entitlementNeedsMember: true });
    const ada = store.addAccount("uid=ada");
    const staff = store.addEntitlement("cn=staff", ["uid=ada"]);
    const members = { id: 1, kind: "members", add: [], remove: [] } as const;
    const outcomes = [
      ...(await apply(connector, { ...members, entitlement: staff.anchor, name: "cn=staff", remove: [ada] })),
      ...(await apply(connector, {
        ...members,
        entitlement: undefined,
        name: "cn=crew",
        create: { attributes: {} },
      })),
    ];
    expect(outcomes).toMatchObject(Array(2).fill({ ok: false, error: { kind: "Invalid" } }));
    expect(store.entitlement("cn=staff")?.members).toEqual(new Set([ada.anchor]));
    expect(store.entitlement("cn=crew")).toBeUndefined();
  });

  it("adds the members it can, and names the others in the outcome", async () => {
    const { store, connector } = setting();
    const ada = store.addAccount("uid=ada");
    const staff = store.addEntitlement("cn=staff");
    const add = [ada, { anchor: "#99", name: "uid=Gone" }];
    const [outcome] = await apply(connector, {
      id: 1,
      kind: "members",
      entitlement: staff.anchor,
      name: "cn=staff",
      add,
      remove: [],
    });
    expect(outcome?.ok && outcome.refused?.get("uid=gone")).toMatchObject({ kind: "NotFound" });
    expect(store.entitlement("cn=staff")?.members).toEqual(new Set([ada.anchor]));
  });

  it("takes a deleted account out of its entitlements, and leaves a renamed one in", () => {
    const store = new MemoryStore();
    const [ada] = [store.addAccount("uid=ada"), store.addAccount("uid=bob")];
    store.addEntitlement("cn=staff", ["uid=ada", "uid=bob"]);
    store.removeAccount("uid=bob");
    store.editAccount("uid=ada", { name: "uid=countess" });
    expect(store.entitlement("cn=staff")?.members).toEqual(new Set([ada?.anchor]));
  });

  it("never uses an anchor again", () => {
    const store = new MemoryStore();
    const { anchor } = store.addAccount("uid=ada");
    store.removeAccount("uid=ada");
    expect(store.addAccount("uid=ada").anchor).not.toBe(anchor);
  });

  it("gives only the accounts at or below the target's base", async () => {
    const { store } = setting();
    store.addAccount("uid=ada,ou=people,dc=example");
    store.addAccount("uid=ada,ou=admins,dc=example");
    const connector = target(store, { base: "ou=People, dc=example" });
    expect(await names(connector)).toEqual(["uid=ada,ou=people,dc=example"]);
    const question = { keys: {}, name: "uid=ada,ou=admins,dc=example" };
    expect(await connector.find([question], call)).toEqual([[]]);
  });

  it("shows what the connector created only after its lag", async () => {
    let now = 0;
    const { connector } = setting({ lag: 1_000, now: () => now });
    const [made] = await apply(connector, create("uid=ada"));
    expect(made?.ok).toBe(true);
    expect(await names(connector)).toEqual([]);
    now = 1_000;
    expect(await names(connector)).toEqual(["uid=ada"]);
  });

  it("leaves out what a fault hides, without a word", async () => {
    const { store, connector } = setting();
    for (const name of ["uid=ada", "uid=bob"]) store.addAccount(name);
    store.faults = { hides: (name) => name === "uid=ada" };
    expect(await names(connector)).toEqual(["uid=bob"]);
  });

  it("keeps what was changed before a crash", async () => {
    const { store, connector } = setting();
    store.faults = {
      refuse({ name }) {
        if (name === "uid=bob") throw new Error("killed");
        return undefined;
      },
    };
    await expect(apply(connector, create("uid=ada"), { ...create("uid=bob"), id: 2 })).rejects.toThrow(
      "killed",
    );
    expect(store.account("uid=ada")).toBeDefined();
  });

  it("counts calls and changes, and no outside edit", async () => {
    const { store, connector } = setting();
    store.addAccount("uid=ada");
    await names(connector);
    await apply(connector, create("uid=bob"), { ...create("uid=eve"), id: 2 });
    expect(store.writes).toBe(2);
    expect(store.calls).toEqual(
      new Map([
        ["scan", 1],
        ["apply", 1],
      ]),
    );
  });

  it("says which entitlements a name could mean", async () => {
    const { store, connector } = setting();
    for (const ou of ["a", "b"]) store.addEntitlement(`cn=staff,ou=${ou}`);
    const work = connector.entitlements([{ name: "Staff", by: "Name" }], call);
    await expect(work).rejects.toThrow(
      /cn=staff,ou=a and cn=staff,ou=b are called so; point at it by DN or Id/,
    );
  });
});

it("stores of one name are one store, of two names two", async () => {
  const type = memoryConnector();
  const open = (name: string) =>
    type.connect(type.storeSchema.parse({ name }), environment("/")).target({ block: {}, attributes: [] });
  await apply(open("one"), create("uid=ada"));
  expect(await names(open("one"))).toEqual(["uid=ada"]);
  expect(await names(open("two"))).toEqual([]);
});

describe("a memory store in a file", () => {
  it("outlives its connection, reads what a person wrote, and leaves nothing beside the file", async () => {
    await using folder = await makeFolder('{"accounts": [{"name": "uid=ada"}]}');
    await apply(folder.connect(), create("uid=bob"));
    expect(await names(folder.connect())).toEqual(["uid=ada", "uid=bob"]);
    expect(await readdir(folder.path)).toEqual(["store.json"]);
    expect(JSON.parse(await readFile(folder.file, "utf8")).accounts).toHaveLength(2);
  });

  const broken: Readonly<Record<string, readonly [text: string | undefined, says: RegExp]>> = {
    missing: [undefined, /no such file/],
    empty: ["", /write \{\} for an empty store/],
    "cut off": ['{"accounts": [', /restore it/],
    "of another shape": ['{"people": []}', /people/],
    "with two accounts of one name": [
      '{"accounts": [{"name": "uid=a"}, {"name": "UID=A"}]}',
      /two accounts named/,
    ],
  };
  for (const [what, [text, says]] of Object.entries(broken)) {
    it(`that is ${what} is Unavailable, never an empty directory`, async () => {
      await using folder = await makeFolder(text);
      const error = await names(folder.connect()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({ kind: "Unavailable", message: expect.stringMatching(says) });
    });
  }
});

async function makeFolder(text: string | undefined) {
  const path = await mkdtemp(join(tmpdir(), "rollcall-memory-"));
  const file = join(path, "store.json");
  if (text !== undefined) await writeFile(file, text);
  const type = memoryConnector();
  return {
    path,
    file,
    connect: () =>
      type
        .connect(type.storeSchema.parse({ file: "store.json" }), environment(path))
        .target({ block: {}, attributes: [] }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

function environment(root: string): ConnectorEnvironment {
  return {
    path: (path) => join(root, path),
    secret: () => Promise.reject(new StoreError("Unauthenticated", "no secrets here")),
  };
}

function setting(options: MemoryOptions = {}) {
  const store = new MemoryStore(options);
  return { store, connector: target(store, {}) };
}

function target(store: MemoryStore, block: { base?: string }): Connector {
  const type = memoryConnector(store);
  return type.connect(type.storeSchema.parse({}), environment("/")).target({ block, attributes: [] });
}

function create(name: string, attributes: Record<string, string[]> = {}): StoreChange {
  return { id: 1, kind: "create", name, attributes, enabled: true };
}

async function apply(connector: Connector, ...changes: StoreChange[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of connector.apply(changes, call)) outcomes.push(outcome);
  return outcomes;
}

async function names(connector: Connector): Promise<string[]> {
  const found: string[] = [];
  for await (const page of connector.scan("accounts", call)) found.push(...page.map(({ name }) => name));
  return found;
}
