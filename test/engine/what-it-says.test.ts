import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, editAccounts, mapAttribute, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

let world: World;
let store: MemoryStore;

const begin = (options: ConstructorParameters<typeof MemoryStore>[0] = {}) => {
  store = new MemoryStore(options);
  world = new World(store).put(...company());
};
const map = (name: string, mapping?: Record<string, unknown>) => mapAttribute(world, name, mapping);
const attribute = (uid: string, name: string) => store.account(dn(uid))?.attributes[name];

beforeEach(() => begin());

describe("an expression that errs", () => {
  test("for one person holds that person alone, and takes nothing away", async () => {
    world.put(person("ann"), person("bob", { title: "Clerk" }));
    await world.apply();
    map("title", { expression: "identity.title.upperAscii()" });
    const before = store.account(dn("ann"));
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual(["Update bob"]);
    expect(findings).toEqual([expect.stringMatching(/^Held ann: title: /)]);
    expect(store.account(dn("ann"))).toBe(before);
    expect([...(store.entitlement("lab")?.members ?? [])]).toHaveLength(2);
  });

  test("for everybody holds everybody, and takes nothing away", async () => {
    world.put(person("ann"), person("bob"));
    await world.apply();
    map("title", { expression: "identity.title.upperAscii()" });
    world.now += 3_600_000;
    const { done, findings, withheld } = tell(await world.applyShown());
    expect([...done, ...withheld]).toEqual([]);
    expect(findings).toEqual([
      expect.stringMatching(/^Held ann: title: /),
      expect.stringMatching(/^Held bob: title: /),
    ]);
  });

  test.each([
    { who: "one", others: "Sales", why: "nobody else has the role" },
    { who: "one of two", others: "Research", why: "another one has the role for sure" },
  ])("in a role's rule, for $who, keeps what the role gave: $why", async ({ others }) => {
    world.put(person("ann", { title: "x" }), person("bob", { department: others }));
    world.edit("BusinessRole/research", {
      members: { when: "identity.department == 'Research' && identity.title.startsWith('x')" },
    });
    world.edit("Identity/bob", { title: "x" });
    await world.apply();
    world.edit("Identity/ann", { title: undefined });
    world.now += 3_600_000;
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Held ann: keeps lab: members.when of BusinessRole/)]);
    expect(store.entitlement("lab")?.members.has(store.account(dn("ann"))?.anchor ?? "")).toBe(true);
  });

  test("in accounts.when, for one, keeps that one's account", async () => {
    editAccounts(world, { when: "identity.userType.startsWith('E')" });
    world.put(person("ann"), person("bob"));
    world.edit("BusinessRole/research", { accessProfiles: [] });
    await world.apply();
    world.edit("Identity/ann", { userType: undefined });
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Held ann: accounts.when of Target\/people: /)]);
    expect(store.account(dn("ann"))?.enabled).toBe(true);
  });
});

describe("a reference that dangles", () => {
  test("keeps what it may have given, names both ends, and lets the rest go on", async () => {
    world.put(person("ann"));
    await world.apply();
    world.edit("BusinessRole/research", { accessProfiles: [{ name: "nowhere" }] });
    world.put(person("bob", { department: "Sales" }));
    world.now += 3_600_000;
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual(["Create bob"]);
    expect(findings).toEqual([
      "Held ann: keeps lab: BusinessRole/research refers to AccessProfile/nowhere, which does not exist",
    ]);
  });

  test("to an object that is invalid and never was valid says so", async () => {
    world.put(person("ann"));
    await world.apply();
    world.edit("BusinessRole/research", { accessProfiles: [{ name: "broken" }] });
    world.put({ kind: "AccessProfile", name: "broken", spec: {} });
    world.invalid.set("AccessProfile/broken", "spec.target is missing");
    world.now += 3_600_000;
    const { findings } = tell(await world.applyShown());
    expect(findings).toEqual([
      "Held ann: keeps lab: BusinessRole/research refers to AccessProfile/broken, which is invalid: spec.target is missing",
    ]);
  });

  test("of a grant holds the grant's holder alone", async () => {
    world.put(person("ann"), person("bob"));
    await world.apply();
    world.put({
      kind: "Grant",
      name: "g",
      spec: { identity: { name: "ann" }, accessProfile: { name: "nowhere" } },
    });
    world.edit("BusinessRole/research", { accessProfiles: [] });
    world.now += 3_600_000;
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual(["Revoke bob lab"]);
    expect(findings).toEqual([
      "Held ann: keeps lab: Grant/g refers to AccessProfile/nowhere, which does not exist",
    ]);
  });
});

describe("a value that the store cannot take", () => {
  const attributes = {
    mail: { required: true },
    employeeNumber: {},
    department: { maxLength: 8, multiValued: false },
    hired: { readOnly: true },
    key: { secret: true },
  };

  beforeEach(() => begin({ attributes }));

  test.each([
    {
      reason: "mandatory and null",
      mapping: { mail: { expression: "identity.title" } },
      told: /^Held ann: mail is mandatory in the store, and its mapping gives nothing/,
    },
    {
      reason: "mandatory and cleared",
      mapping: { mail: { expression: "clear()" } },
      told: /^Held ann: mail is mandatory in the store, and its mapping clears it/,
    },
    {
      reason: "too long",
      mapping: { department: { value: "Research and Development" } },
      told: /^Held ann: department takes at most 8 characters in the store, and its mapping gives 24/,
    },
    {
      reason: "several for one",
      mapping: { department: { values: ["a", "b"] } },
      told: /^Held ann: department takes one value in the store, and its mapping gives 2/,
    },
  ])("$reason: the account is held, and the manifest that says it is named", async ({ mapping, told }) => {
    for (const [name, value] of Object.entries(mapping)) map(name, value);
    world.put(person("ann"));
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(store.writes).toBe(0);
    expect(findings).toEqual([expect.stringMatching(told)]);
  });

  test.each([
    { name: "shoe", mapping: { value: "42" }, told: /the store has no attribute shoe/ },
    { name: "hired", mapping: { value: "2026" }, told: /is kept by the store and cannot be written/ },
    { name: "key", mapping: { value: "x" }, told: /holds a secret, which is never mapped/ },
  ])(
    "an attribute that is illegal there ($name) stops the target before anything is written",
    async (row) => {
      map(row.name, row.mapping);
      world.put(person("ann"));
      const { errors } = tell(await world.apply());
      expect(errors).toEqual([expect.stringMatching(row.told)]);
      expect(store.writes).toBe(0);
    },
  );

  test("one person's bad value does not keep the others waiting", async () => {
    world.put(person("ann", { department: "Research and Development" }), person("bob"));
    expect(tell(await world.apply()).done).toContain("Create bob");
  });
});

test("a name with every special character comes out as it went in", async () => {
  const odd = ` #ä,"+;<>\\=\u0000é😀 `.replace("\u0000", "");
  world.put(person("ann", { userName: odd }));
  const { done, failed } = tell(await world.apply());
  expect({ failed, created: done[0] }).toEqual({ failed: [], created: "Create ann" });
  const [account] = store.accounts.values();
  expect(account?.name).toMatch(
    /^uid=\\ #ä\\,\\"\\\+\\;\\<\\>\\\\(=|\\=)é😀\\ ,ou=people,dc=example,dc=org$/,
  );
  expect(tell(await world.apply()).done).toEqual([]);
});

describe("what becomes of an attribute", () => {
  test("whose mapping is taken away: it is released, and not cleared", async () => {
    map("title", { expression: "identity.title" });
    world.put(person("ann", { title: "Boss" }));
    await world.apply();
    map("title");
    expect(tell(await world.apply()).done).toEqual([]);
    store.editAccount(dn("ann"), { attributes: { title: ["Chief"] } });
    await world.apply();
    expect(attribute("ann", "title")).toEqual(["Chief"]);
  });

  test.each([
    { apply: "Always", drifted: ["Boss"], emptied: ["Boss"], why: "drift is overwritten" },
    { apply: "OnCreate", drifted: ["Chief"], emptied: undefined, why: "set once" },
    { apply: "IfEmpty", drifted: ["Chief"], emptied: ["Boss"], why: "set where nothing is" },
    { apply: "Report", drifted: ["Chief"], emptied: undefined, why: "never written" },
  ])("mapped $apply: $why", async ({ apply, drifted, emptied }) => {
    map("title", { expression: "identity.title", apply });
    world.put(person("ann", { title: "Boss" }));
    await world.apply();
    expect(attribute("ann", "title")).toEqual(apply === "Report" ? undefined : ["Boss"]);
    store.editAccount(dn("ann"), { attributes: { title: ["Chief"] } });
    const { findings } = tell(await world.apply());
    expect(attribute("ann", "title")).toEqual(drifted);
    expect(findings).toEqual(apply === "Report" ? [expect.stringMatching(/^Drift ann: title differs/)] : []);
    store.editAccount(dn("ann"), { attributes: { title: [] } });
    await world.apply();
    expect(attribute("ann", "title")).toEqual(emptied);
  });

  test("whose mapping gives null is left alone, and clear() clears it", async () => {
    map("title", { expression: "identity.title" });
    world.put(person("ann"));
    await world.apply();
    store.editAccount(dn("ann"), { attributes: { title: ["Chief"] } });
    await world.apply();
    expect(attribute("ann", "title")).toEqual(["Chief"]);
    map("title", { expression: "clear()" });
    await world.apply();
    expect(attribute("ann", "title")).toBeUndefined();
  });
});

describe("unique()", () => {
  const name = "dn('uid', unique(identity.userName, identity.userName + '2'), 'ou=people,dc=example,dc=org')";

  beforeEach(() => {
    editAccounts(world, { name: { expression: name } });
  });

  test("gives two who join together different names, and keeps each for good", async () => {
    world.put(person("ann"), person("bob", { userName: "ann" }));
    await world.apply();
    expect([...store.accounts.values()].map((account) => account.name)).toEqual([dn("ann"), dn("ann2")]);
    world.restart();
    expect(tell(await world.apply()).done).toEqual([]);
    world.edit("Identity/ann", { userName: "zoe" });
    await world.apply();
    expect([...store.accounts.values()].map((account) => account.name)).toEqual([dn("ann"), dn("ann2")]);
  });

  test("leaves it to a person whose an account of that name is, which no match rule explains", async () => {
    store.addAccount(dn("ann"));
    world.put(person("ann"));
    expect(tell(await world.apply()).findings).toEqual([expect.stringMatching(/^Conflict ann: .*exists/)]);
  });

  test("finds the account that it named before, however it is run", async () => {
    world.put(person("ann"));
    await world.plan();
    await world.plan();
    await world.apply();
    expect([...store.accounts.values()].map((account) => account.name)).toEqual([dn("ann")]);
  });
});
