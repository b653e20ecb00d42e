import { beforeEach, describe, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import type { MemoryCall } from "../../src/connectors/memory/faults.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { type Tampering, World } from "../support/world.ts";

const names = ["a", "b", "c", "d", "e", "f"];

let world: World;
let store: MemoryStore;

const begin = async (tampering: Tampering = {}) => {
  store = new MemoryStore({ pageSize: 2, marker: false });
  world = new World(store, tampering).put(...company(), ...names.map((name) => person(name)));
  await world.apply();
};
const everything = () => JSON.stringify([...store.accounts, ...store.entitlements]);
const down = (only?: MemoryCall) => ({
  call: (call: MemoryCall) => {
    if (only === undefined || call === only) throw new StoreError("Unavailable", `no answer to ${call}`);
  },
});

beforeEach(() => begin());

describe("a store that is down", () => {
  test.each(["at once", "after a restart"])(
    "concludes nothing, says so, and converges when it is back: %s",
    async (when) => {
      if (when !== "at once") world.restart();
      world.edit("Identity/a", { emails: [{ value: "new@example.org" }] });
      world.edit("Identity/b", { lifecycle: { state: "Inactive" } });
      const before = everything();
      store.faults = down();
      const { errors, done, withheld } = tell(await world.apply());
      expect({ done, withheld }).toEqual({ done: [], withheld: [] });
      expect(errors).toEqual([expect.stringMatching(/^Unavailable: no answer to/)]);
      expect(everything()).toBe(before);
      store.faults = {};
      expect(tell(await world.apply({ pass: false })).done).toEqual([
        "Update a",
        "Disable b",
        "Revoke b lab",
      ]);
    },
  );

  test.each(["scan", "fetch", "entitlements", "memberships", "schema", "fingerprint"] as const)(
    "for %s alone",
    async (call) => {
      world.restart();
      world.edit("Identity/a", { department: "Sales" });
      store.editAccount(dn("b"), { attributes: { mail: ["x@example.org"] } });
      store.faults = down(call);
      const before = everything();
      world.now += 3_600_000;
      const { errors, done } = tell(await world.apply());
      if (errors.length > 0) expect({ done, now: everything() }).toEqual({ done: [], now: before });
      store.faults = {};
      await world.apply();
      await world.apply();
      expect(store.account(dn("b"))?.attributes.mail).toEqual(["b@example.org"]);
      expect(store.account(dn("a"))?.attributes.department).toEqual(["Sales"]);
    },
  );
});

describe("a connection that drops in mid-page", () => {
  test.each(["scan", "memberships"] as const)("of %s: nobody is taken for gone", async (what) => {
    store.addAccount(dn("stranger"));
    store.addMember("lab", dn("stranger"));
    store.faults = {
      page: (call) => {
        if (call === what) throw new StoreError("Unavailable", "the connection was cut");
      },
    };
    const before = everything();
    const { errors, done, findings } = tell(await world.apply());
    expect({ done, findings }).toEqual({ done: [], findings: [] });
    expect(errors).toEqual(["Unavailable: the connection was cut"]);
    expect(everything()).toBe(before);
  });
});

/** A store whose lists of accounts and entitlements are short, and say that they are complete. */
function short(keep: number): (real: Connector) => Connector {
  return (real) =>
    new Proxy(real, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property, target);
        if (property === "scan")
          return async function* (...given: Parameters<Connector["scan"]>) {
            let left = keep;
            for await (const page of target.scan(...given)) {
              yield page.slice(0, left);
              left -= page.length;
              if (left <= 0) return;
            }
          };
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
}

describe("a list that is short", () => {
  test.each([
    { keep: 0, what: "empty" },
    { keep: 3, what: "half" },
  ])("$what, and the accounts answer by themselves: nothing comes of it", async ({ keep }) => {
    const listed = { keep: 100 };
    await begin({ connector: (real) => short(listed.keep)(real) });
    world.edit("Identity/a", { lifecycle: { state: "Inactive" } });
    await world.apply();
    listed.keep = keep;
    world.restart();
    const before = everything();
    const { done } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(everything()).toBe(before);
    expect(await (await world.state()).linksOf("people", names)).toHaveLength(names.length);
  });

  test.each(["Report", "Repair"])(
    "and nothing answers any more (missing: %s): nobody is forgotten, doubled or removed",
    async (missing) => {
      world.edit("Target/people", { outside: { missing } });
      world.edit("Identity/a", { lifecycle: { state: "Inactive" } });
      await world.apply();
      const before = everything();
      store.faults = { hides: () => true };
      await world.apply();
      await world.applyShown();
      store.faults = {};
      const { done } = tell(await world.apply());
      expect(done).toEqual([]);
      expect(everything()).toBe(before);
    },
  );
});

describe("one change of a batch", () => {
  test.each(["Denied", "Invalid", "Conflict", "Retryable"] as const)(
    "that is refused as %s is told in the store's words, keeps no other back, and is tried again",
    async (kind) => {
      for (const name of names)
        world.edit(`Identity/${name}`, { emails: [{ value: `${name}2@example.org` }] });
      store.faults = {
        refuse: (change) => (change.name === dn("c") ? new StoreError(kind, "the store says so") : undefined),
      };
      const { done, failed } = tell(await world.apply());
      expect(failed).toEqual([`Update c: ${kind}: the store says so`]);
      expect(done).toHaveLength(names.length - 1);
      const lines = (await Array.fromAsync((await world.state()).journal({ identity: "c" }))).flat();
      expect(lines.at(-1)).toMatchObject({ result: "Failed", error: "the store says so" });
      store.faults = {};
      expect(tell(await world.apply({ pass: false })).done).toEqual(["Update c"]);
    },
  );

  test("whose account somebody changed since is read again", async () => {
    world.edit("Identity/a", { emails: [{ value: "new@example.org" }] });
    store.faults = {
      refuse: (change) => {
        store.faults = {};
        store.editAccount(change.name, { attributes: { note: ["meanwhile"] } });
        return undefined;
      },
    };
    expect(tell(await world.apply()).failed).toEqual([expect.stringMatching(/^Update a: Moved: /)]);
    expect(tell(await world.apply({ pass: false })).done).toEqual(["Update a"]);
    expect(store.account(dn("a"))?.attributes).toMatchObject({
      note: ["meanwhile"],
      mail: ["new@example.org"],
    });
  });

  test("at which the store turns us out ends the work, and is no proof of anything", async () => {
    world.edit("Identity/a", { lifecycle: { state: "Inactive" } });
    world.edit("Identity/b", { emails: [{ value: "b2@example.org" }] });
    store.faults = { refuse: () => new StoreError("Unauthenticated", "the password was changed") };
    const { done, failed, left } = tell(await world.apply());
    expect(done).toEqual([]);
    expect([...failed, ...left]).toContainEqual(expect.stringContaining("the password was changed"));
    expect(left).toContain("Revoke a lab");
    store.faults = {};
    expect(tell(await world.apply()).done).toEqual(["Disable a", "Update b", "Revoke a lab"]);
  });

  test("at which the store goes away ends the work; what was not tried is said", async () => {
    for (const name of names) world.edit(`Identity/${name}`, { emails: [{ value: `${name}2@example.org` }] });
    world.edit("Identity/f", { department: "Sales" });
    let count = 0;
    store.faults = {
      refuse: () => (++count > 2 ? new StoreError("Unavailable", "gone in the middle") : undefined),
    };
    const { done, failed } = tell(await world.apply());
    expect(done).toHaveLength(2);
    expect(failed.length).toBeGreaterThan(0);
    store.faults = {};
    await world.apply();
    for (const name of names)
      expect(store.account(dn(name))?.attributes.mail).toEqual([`${name}2@example.org`]);
  });
});

describe("an answer that is lost", () => {
  const lose = () => {
    store.faults = { losesAnswer: () => true };
  };
  const results = async (identity: string) =>
    (await Array.fromAsync((await world.state()).journal({ identity })))
      .flat()
      .slice(2)
      .map((line) => `${line.operation} ${line.result}`);

  test.each([
    { spec: { emails: [{ value: "new@example.org" }] }, told: ["Update Done"], why: "an update" },
    { spec: { userName: "zoe" }, told: ["Update Done"], why: "a rename" },
    { spec: { lifecycle: { state: "Inactive" } }, told: ["Disable Done", "Revoke Done"], why: "a leaver" },
  ])("of $why: it is looked up, told once, and not made twice", async ({ spec, told }) => {
    world.edit("Identity/a", spec);
    lose();
    expect(tell(await world.apply()).failed[0]).toMatch(/InDoubt: .*looked up/);
    store.faults = {};
    world.restart();
    await world.apply();
    await world.apply();
    expect(await results("a")).toEqual(told);
  });

  test("of a joiner: there is one account, one group, and one line for each", async () => {
    world.put(person("joiner"));
    lose();
    await world.apply();
    await world.apply();
    store.faults = {};
    await world.apply();
    expect(store.accounts.size).toBe(names.length + 1);
    const lines = (await Array.fromAsync((await world.state()).journal({ identity: "joiner" }))).flat();
    expect(lines.map((line) => `${line.operation} ${line.result}`)).toEqual(["Create Done", "Grant Done"]);
    const [holding] = await (await world.state()).holdings("people", { identities: ["joiner"] });
    expect(holding).toMatchObject({ origin: "Granted", name: "lab" });
  });

  test("of a change that was not made after all: it is told as such, and made", async () => {
    world.edit("Identity/a", { userName: "zoe" });
    store.faults = { refuse: () => new StoreError("InDoubt", "sent, and no answer") };
    await world.apply();
    store.faults = {};
    expect(tell(await world.apply()).done).toEqual(["Update a"]);
    expect(await results("a")).toEqual(["Update Failed", "Update Done"]);
  });
});

describe("another store in the place of a known one", () => {
  test("is not touched, however it looks; the old one is known again", async () => {
    const { fingerprint } = store;
    store.fingerprint = "another";
    world.edit("Identity/a", { lifecycle: { state: "Inactive" } });
    const before = everything();
    for (const restarts of [false, true]) {
      if (restarts) world.restart();
      const { errors, done } = tell(await world.apply());
      expect(done).toEqual([]);
      expect(errors).toEqual([
        expect.stringMatching(
          /Store\/directory is another store than before .*give it a new name, or restore/,
        ),
      ]);
    }
    expect(everything()).toBe(before);
    store.fingerprint = fingerprint;
    expect(tell(await world.apply()).done).toEqual(["Disable a", "Revoke a lab"]);
  });
});

test("a store that is slow is waited for", async () => {
  world.edit("Identity/a", { emails: [{ value: "new@example.org" }] });
  store.faults = { call: () => new Promise((resolve) => setImmediate(resolve)) };
  expect(tell(await world.apply()).done).toEqual(["Update a"]);
});

test("a store that shows late what was written is not taken for one where somebody deletes", async () => {
  store = new MemoryStore({ lag: 60_000, now: () => world.now });
  world = new World(store).put(...company({ outside: { missing: "Repair" } }), person("a"));
  await world.apply();
  world.now += 30_000;
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
  world.now += 60_000;
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
  expect(store.accounts.size).toBe(1);
});
