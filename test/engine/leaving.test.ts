import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, editAccounts, mapAttribute, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let world: World;
let store: MemoryStore;

const begin = (target: Record<string, unknown> = {}) => {
  store = new MemoryStore();
  world = new World(store).put(...company(target));
};
const isEnabled = (uid: string) => store.account(dn(uid))?.enabled;
const staff = (...names: string[]) => world.put(...names.map((name) => person(name)));

beforeEach(() => begin());

describe("a lifecycle that says so", () => {
  beforeEach(async () => {
    staff("ann", "bob");
    await world.apply();
  });

  test.each([
    { lifecycle: { state: "Inactive" }, why: "state is Inactive" },
    { lifecycle: { end: "2025-12-31" }, why: "ended 2025-12-31" },
    { lifecycle: { start: "2026-02-01" }, why: "starts 2026-02-01" },
  ])("acts at once, and says why: $why", async ({ lifecycle, why }) => {
    world.edit("Identity/ann", { lifecycle });
    expect(tell(await world.apply()).done).toEqual(["Disable ann", "Revoke ann lab"]);
    expect(isEnabled("ann")).toBe(false);
    const journal = (await world.state()).journal({ identity: "ann" });
    const lines = (await Array.fromAsync(journal)).flat();
    expect(lines.at(-1)?.reasons).toEqual([[{ source: "Lifecycle", name: "", detail: why }]]);
  });

  test("that is invalid changes nothing: the last valid version is in force", async () => {
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    world.invalid.set("Identity/ann", "spec.lifecycle.state must be Active or Inactive");
    expect(tell(await world.apply()).done).toEqual([]);
    expect(isEnabled("ann")).toBe(true);
  });
});

describe("time alone", () => {
  test("begins and ends an account, by the day's end in UTC", async () => {
    world.put(person("ann", { lifecycle: { start: "2026-01-02", end: "2026-01-03" } }));
    await world.apply();
    const seen: unknown[] = [];
    for (let hours = 0; hours <= 96; hours += 12) {
      seen.push(isEnabled("ann"));
      world.now += 12 * hour;
      await world.apply({ pass: false });
    }
    expect(seen).toEqual([undefined, undefined, true, true, true, true, false, false, false]);
  });

  test("begins and ends a grant", async () => {
    world.put(person("ann", { department: "Sales" }), {
      kind: "Grant",
      name: "g",
      spec: {
        identity: { name: "ann" },
        accessProfile: { name: "lab" },
        from: "2026-01-01T06:00:00Z",
        until: "2026-01-01T18:00:00Z",
      },
    });
    const seen: unknown[] = [];
    for (let hours = 0; hours <= 24; hours += 6) {
      await world.apply({ pass: false });
      seen.push(store.entitlement("lab")?.members.size);
      world.now += 6 * hour;
    }
    expect(seen).toEqual([undefined, 1, 1, 0, 0]);
  });

  test("does not bring back what ended, when the clock goes back a little and forth again", async () => {
    world.put(person("ann", { lifecycle: { end: "2026-01-01T12:00:00Z" } }));
    await world.apply();
    world.now += 13 * hour;
    await world.apply();
    const { writes } = store;
    await world.apply();
    expect(store.writes).toBe(writes);
    expect(isEnabled("ann")).toBe(false);
  });

  test("sets the manager of those who were there before the manager was", async () => {
    mapAttribute(world, "manager", { expression: "accountOf(identity.manager)" });
    world.put(
      person("ann", { manager: { name: "boss" } }),
      person("boss", { lifecycle: { start: "2026-01-02" } }),
    );
    await world.apply();
    expect(store.account(dn("ann"))?.attributes.manager).toBeUndefined();
    world.now += 2 * day;
    await world.apply({ pass: false });
    expect(store.account(dn("ann"))?.attributes.manager).toEqual([dn("boss")]);
  });
});

describe("the grace period", () => {
  beforeEach(async () => {
    begin({
      allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
      deprovision: { deleteAfter: "48h" },
    });
    staff("ann", "bob");
    await world.apply();
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
  });

  test("gives the same account back to who returns within it", async () => {
    const before = store.account(dn("ann"));
    world.now += day;
    expect(tell(await world.apply()).done).toEqual([]);
    world.edit("Identity/ann", { lifecycle: undefined });
    expect(tell(await world.apply()).done).toEqual(["Enable ann", "Grant ann lab"]);
    expect(store.account(dn("ann"))).toEqual({ ...before, enabled: true });
    world.now += 10 * day;
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("ends with the account's deletion, by time alone", async () => {
    world.now += 2 * day - 1;
    expect(tell(await world.apply({ pass: false })).done).toEqual([]);
    world.now += 1;
    expect(tell(await world.apply({ pass: false })).done).toEqual(["Delete ann"]);
    expect(store.account(dn("ann"))).toBeUndefined();
    expect(await (await world.state()).linksOf("people", ["ann"])).toEqual([]);
  });

  test("begins anew with each leaving", async () => {
    world.now += day;
    world.edit("Identity/ann", { lifecycle: undefined });
    await world.apply();
    world.now += 10 * day;
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.now += day;
    expect(tell(await world.apply()).done).toEqual([]);
    world.now += day;
    expect(tell(await world.apply()).done).toEqual(["Delete ann"]);
  });

  test("survives a restart, and a clock that goes back makes it longer, never shorter", async () => {
    world.now += day;
    world.restart();
    world.now -= 12 * hour;
    expect(tell(await world.apply()).done).toEqual([]);
    world.now += 36 * hour - 1;
    expect(tell(await world.apply()).done).toEqual([]);
    world.now += 1;
    expect(tell(await world.apply()).done).toEqual(["Delete ann"]);
  });

  test("does not run for an account that somebody enabled again: it is disabled again first", async () => {
    world.now += 3 * day;
    store.editAccount(dn("ann"), { enabled: true });
    expect(tell(await world.apply()).done).toEqual(["Disable ann"]);
  });
});

describe("what the target says of leavers", () => {
  test("Retain leaves the account as it is", async () => {
    begin({ deprovision: { action: "Retain", revoke: "None" } });
    staff("ann");
    await world.apply();
    const before = store.account(dn("ann"));
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    expect(tell(await world.apply()).done).toEqual([]);
    expect(store.account(dn("ann"))).toBe(before);
  });

  test("revoke: None keeps the memberships, which are still ours when the leaver returns elsewhere", async () => {
    begin({ deprovision: { revoke: "None" } });
    staff("ann");
    await world.apply();
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    expect(tell(await world.apply()).done).toEqual(["Disable ann"]);
    world.edit("Identity/ann", { lifecycle: undefined, department: "Sales" });
    world.now += hour;
    expect(tell(await world.apply()).done).toEqual(["Update ann", "Enable ann", "Revoke ann lab"]);
  });
});

describe("half the manifests gone", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const lose = () => world.remove(...names.slice(0, 4).map((name) => `Identity/${name}`));

  /** Somebody lets pass that these four leave. */
  const approveAll = async () => {
    await world.plan();
    world.now += 10 * minute;
    await world.apply();
    const state = await world.state();
    const [hold] = await state.holds("people");
    await state.approve(hold?.hash ?? "", "charles", world.now);
    return { state, hold };
  };
  const disabled = names.slice(0, 4).map((name) => `Disable ${name}`);
  const removals = (done: readonly string[]) => done.filter((line) => line.startsWith("Disable")).sort();

  beforeEach(async () => {
    begin({ limits: { removals: { percent: 0, atLeast: 3, atMost: 3, per: "24h" }, settle: "10m" } });
    staff(...names);
    await world.apply();
    lose();
  });

  test("is held while it may still come back, then by the budget; nobody is removed", async () => {
    const first = tell(await world.apply());
    expect(first.done).toEqual([]);
    expect(new Set(first.withheld.map((line) => line.split(":")[0]))).toEqual(new Set(["Settling"]));
    world.now += 10 * minute;
    const [report] = await world.apply();
    expect(tell(report ? [report] : []).done).toEqual([]);
    expect(report?.holds).toMatchObject([
      { budget: "Removals", reason: expect.stringMatching(/would touch 4 accounts.*the limit is 3$/) },
    ]);
    expect(names.every((name) => isEnabled(name))).toBe(true);
  });

  test("is held by the budget even where a plan showed it", async () => {
    const { done, withheld } = tell(await world.applyShown());
    expect(done).toEqual([]);
    expect(new Set(withheld.map((line) => line.split(":")[0]))).toEqual(new Set(["Budget"]));
  });

  test("and back again is as if nothing had been", async () => {
    await world.apply();
    world.now += 10 * minute;
    await world.apply();
    staff(...names);
    const { writes } = store;
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [] });
    expect(store.writes).toBe(writes);
    expect(await (await world.state()).holds("people")).toEqual([]);
  });

  test("is done once it is approved: what was held and nothing else", async () => {
    world.now += 10 * minute;
    const { state } = await approveAll();
    store.editAccount(dn("a"), { attributes: { note: ["somebody was here"] } });
    world.edit("Identity/e", { lifecycle: { state: "Inactive" } });
    const { done } = tell(await world.apply());
    expect(removals(done)).toEqual([...disabled, "Disable e"]);
    const lines = (await Array.fromAsync(state.journal({}))).flat();
    const by = new Map(
      lines.filter((line) => line.operation === "Disable").map((line) => [line.identity, line.approvedBy]),
    );
    expect(Object.fromEntries(by)).toEqual({ a: "charles", b: "charles", c: "charles", d: "charles" });
    expect(by.get("e")).toBeUndefined();
    expect(await state.spent("people", "Removals", 0)).toBe(1);
  });

  test("approved, does not touch what is no longer as it was shown, and reports the rest", async () => {
    await approveAll();
    staff("a");
    store.editAccount(dn("b"), { enabled: false });
    const { done } = tell(await world.apply());
    expect(removals(done)).toEqual(["Disable c", "Disable d"]);
    expect(isEnabled("a")).toBe(true);
  });

  test("an approval ends with its hold, and a hold that nobody wanted expires", async () => {
    const { state, hold } = await approveAll();
    world.now += 8 * day;
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(withheld[0]).toMatch(/^Budget: Disable/);
    const [again] = await state.holds("people");
    expect(again).toMatchObject({ hash: hold?.hash, at: world.now });
    expect(again?.approved).toBeUndefined();
  });

  test("approved, waits out a reading that could not tell whether they are gone", async () => {
    await approveAll();
    world.complete = { ok: false, reason: "a file cannot be read" };
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [] });
    world.complete = { ok: true };
    expect(removals(tell(await world.apply()).done)).toEqual(disabled);
  });

  test("approved, is a new question once any reading has shown them to be there", async () => {
    await approveAll();
    world.complete = { ok: false, reason: "a file cannot be read" };
    staff(...names);
    await world.apply();
    expect(await (await world.state()).holds("people")).toEqual([]);
    world.complete = { ok: true };
    lose();
    await world.apply();
    world.now += 10 * minute;
    expect(tell(await world.apply()).withheld[0]).toMatch(/^Budget: Disable/);
  });

  test("in an incomplete reading is nobody's leaving at all", async () => {
    world.complete = { ok: false, reason: "a merge is under way" };
    world.now += day;
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [] });
    world.complete = { ok: true };
    expect(new Set(tell(await world.apply()).withheld.map((line) => line.split(":")[0]))).toEqual(
      new Set(["Settling"]),
    );
  });

  test("with the clock gone back since is held until it has settled for sure", async () => {
    await world.plan();
    world.now -= hour;
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(withheld[0]).toMatch(/^Settling/);
  });
});

describe("one at a time", () => {
  test("does not get round the budget: its window rolls, and survives restarts", async () => {
    begin({ limits: { removals: { percent: 0, atLeast: 2, atMost: 2, per: "24h" } } });
    const names = ["a", "b", "c", "d", "e"];
    staff(...names);
    await world.apply();
    const left: string[] = [];
    for (const name of names) {
      world.edit(`Identity/${name}`, { lifecycle: { state: "Inactive" } });
      world.now += hour;
      world.restart();
      left.push(...tell(await world.apply()).done.filter((line) => line.startsWith("Disable")));
    }
    expect(left).toEqual(["Disable a", "Disable b"]);
    world.now += 22 * hour;
    expect(tell(await world.apply()).done).toEqual([]);
  });
});

describe("what nobody means to remove", () => {
  beforeEach(async () => {
    staff("ann", "bob");
    await world.apply();
  });

  test.each(["Target/people", "Store/directory"])("deleting %s retains every account", async (key) => {
    const before = [...store.accounts.values()];
    world.remove(key);
    for (let days = 0; days < 3; days++) {
      world.now += day;
      expect(tell(await world.applyShown())).toMatchObject({ done: [], withheld: [] });
    }
    expect([...store.accounts.values()]).toEqual(before);
  });

  test("a target that comes back finds its accounts as they were", async () => {
    const target = world.manifests.get("Target/people")!;
    world.remove("Target/people");
    await world.apply();
    world.now += day;
    world.put(target);
    const { writes } = store;
    expect(tell(await world.apply()).done).toEqual([]);
    expect(store.writes).toBe(writes);
  });

  test("deleting every manifest is taken for a folder that was not read", async () => {
    world.remove(...world.manifests.keys());
    world.now += day;
    await world.apply();
    world.now += day;
    await world.applyShown();
    expect(isEnabled("ann")).toBe(true);
  });

  test.each([
    { what: "Target/people", why: "a suspended target" },
    { what: "Store/directory", why: "a suspended store" },
  ])("$why is left alone, and read no more", async ({ what }) => {
    world.edit(what, { suspend: true });
    world.remove("Identity/ann");
    store.calls.clear();
    world.now += day;
    await world.apply();
    expect(store.calls.size).toBe(0);
    expect(isEnabled("ann")).toBe(true);
  });
});

describe("Observe", () => {
  test("plans everything and writes nothing", async () => {
    begin({ mode: "Observe" });
    store.addAccount(dn("old"), { employeeNumber: ["E-bob"] });
    staff("ann", "bob");
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(withheld).toEqual(expect.arrayContaining(["Observe: Create ann", "Observe: Create lab"]));
    expect(store.writes).toBe(0);
  });
});

describe("the allow list", () => {
  test("lets through what it names, and tells of the rest", async () => {
    begin({ allow: ["Create"] });
    staff("ann");
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual(["Create ann", "Create lab"]);
    expect(withheld).toEqual(["NotAllowed: Grant ann lab"]);
  });
});

describe("protected accounts and the boundary", () => {
  test.each([
    { store: { protected: [dn("ANN")] }, kind: "Protected", why: "by name, in any spelling" },
    { store: { boundary: { bases: ["ou=other,dc=example,dc=org"] } }, kind: "Boundary", why: "outside" },
    { store: { boundary: { names: ["uid=b.*"] } }, kind: "Boundary", why: "matches no pattern" },
  ])("are never touched: $why", async ({ store: edit, kind }) => {
    world.edit("Store/directory", edit);
    staff("ann");
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual(["Create lab"]);
    expect(withheld).toContain(`${kind}: Create ann`);
    expect(store.accounts.size).toBe(0);
  });

  test("hold for an account by its anchor, and for one that is to be moved outside", async () => {
    staff("ann", "bob");
    await world.apply();
    const anchor = store.account(dn("ann"))?.anchor;
    world.edit("Store/directory", {
      protected: [anchor],
      boundary: { bases: ["ou=people,dc=example,dc=org"] },
    });
    editAccounts(world, {
      name: { expression: "dn('uid', identity.userName, 'ou=elsewhere,dc=example,dc=org')" },
    });
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(withheld).toEqual(["Protected: Update ann", "Boundary: Update bob"]);
  });
});

describe("somebody else", () => {
  beforeEach(async () => {
    staff("ann", "bob");
    await world.apply();
  });

  test.each([
    { outside: {}, done: [], why: "it is told, and stays disabled" },
    { outside: { disabled: "Repair" }, done: ["Enable ann"], why: "the target says Repair" },
  ])("disables an account: $why", async ({ outside, done }) => {
    world.edit("Target/people", { outside });
    await world.apply();
    store.editAccount(dn("ann"), { enabled: false });
    const report = tell(await world.apply());
    expect(report.done).toEqual(done);
    expect(report.findings).toEqual(
      done.length > 0 ? [] : [expect.stringMatching(/^Outside ann: .*was disabled by somebody else/)],
    );
  });

  test.each([
    { outside: {}, done: [], why: "it is told, and not made again" },
    {
      outside: { missing: "Repair" },
      done: ["Create ann", "Grant ann lab"],
      why: "the target says Repair",
    },
  ])("deletes an account: $why", async ({ outside, done }) => {
    world.edit("Target/people", { outside });
    await world.apply();
    store.removeAccount(dn("ann"));
    const report = tell(await world.apply());
    expect(report.done).toEqual(done);
    expect(report.findings).toEqual(
      done.length > 0 ? [] : [expect.stringMatching(/^Outside ann: .*was deleted by somebody else/)],
    );
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("disables an account of who then leaves and returns: it stays as they left it", async () => {
    store.editAccount(dn("ann"), { enabled: false });
    await world.apply();
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    await world.apply();
    expect(isEnabled("ann")).toBe(false);
  });
});

describe("an emergency", () => {
  const emergency = { lifecycle: { emergency: "Disable" } };

  test("passes budgets and holds, up to its own limit an hour", async () => {
    begin({ limits: { removals: { percent: 0, atLeast: 0, atMost: 0 }, emergency: 2 } });
    staff("a", "b", "c", "d");
    await world.apply();
    world.edit("Identity/a", emergency).edit("Identity/b", emergency);
    expect(tell(await world.apply()).done).toEqual(["Disable a", "Disable b"]);
    world.edit("Identity/c", emergency);
    const { done, withheld } = tell(await world.apply());
    expect({ done, withheld }).toEqual({ done: [], withheld: ["Budget: Disable c"] });
    world.now += hour + 1;
    expect(tell(await world.apply()).done).toEqual(["Disable c"]);
  });

  test.each([
    { why: "an expression errs", edit: { title: undefined } },
    { why: "it has lost its role as well", edit: { title: "x", userType: "Guest" } },
    {
      why: "it has left as well",
      edit: { title: "x", lifecycle: { ...emergency.lifecycle, state: "Inactive" } },
    },
    { why: "somebody else claims the name", edit: { title: "x", userName: "bob" } },
    { why: "it looks like somebody else", edit: { title: "x", employeeNumber: "E-0" } },
  ])("goes through even where $why", async ({ edit }) => {
    begin({ limits: { removals: { percent: 0, atLeast: 0, atMost: 0 } } });
    mapAttribute(world, "title", { expression: "identity.title.upperAscii()" });
    world.put(person("ann", { title: "x" }), person("bob", { title: "x" }));
    await world.apply();
    world.edit("Identity/ann", { ...emergency, ...edit });
    expect(tell(await world.apply()).done).toEqual(["Disable ann"]);
  });

  test("of two whose names cannot be told disables both", async () => {
    staff("a", "b");
    await world.apply();
    editAccounts(world, {
      name: { expression: "dn('uid', identity.title.lowerAscii(), 'ou=people,dc=example,dc=org')" },
    });
    world.edit("Identity/a", emergency).edit("Identity/b", emergency);
    expect(tell(await world.apply()).done).toEqual(["Disable a", "Disable b"]);
  });

  test("that ends gives the account back", async () => {
    staff("ann");
    await world.apply();
    world.edit("Identity/ann", emergency);
    await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    expect(tell(await world.apply()).done).toEqual(["Enable ann"]);
  });

  test("that ends gives back what somebody took meanwhile", async () => {
    staff("ann", "bob");
    await world.apply();
    store.removeMember("lab", dn("ann"));
    world.edit("Identity/ann", emergency);
    await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    await world.apply();
    expect(store.entitlement("lab")?.members.size).toBe(2);
  });

  test("makes no account for who has none", async () => {
    world.put(person("ann", emergency));
    expect(tell(await world.apply()).findings).toEqual([expect.stringMatching(/^Held ann: an emergency/)]);
    expect(store.accounts.size).toBe(0);
  });
});

describe("a role that is gone", () => {
  const names = ["a", "b", "c", "d"];
  const spec = { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab" }] };
  const revoked = names.map((name) => `Revoke ${name} lab`);

  beforeEach(async () => {
    begin({ limits: { removals: { percent: 0, atLeast: 1, atMost: 1, per: "24h" }, settle: "10m" } });
    staff(...names);
    await world.apply();
    world.remove("BusinessRole/research");
    await world.apply();
    world.now += 10 * minute;
    await world.apply();
    const state = await world.state();
    const [hold] = await state.holds("people");
    await state.approve(hold?.hash ?? "", "charles", world.now);
  });

  test.each<[string, () => void, () => void]>([
    [
      "a file cannot be read",
      () => {
        world.complete = { ok: false, reason: "a file cannot be read" };
      },
      () => {
        world.complete = { ok: true };
      },
    ],
    [
      "roles cannot be listed",
      () => world.unread.set("BusinessRole", "forbidden"),
      () => world.unread.delete("BusinessRole"),
    ],
    [
      "it is there and not valid",
      () => {
        world.put({ kind: "BusinessRole", name: "research", spec });
        world.invalid.set("BusinessRole/research", "broken");
      },
      () => {
        world.invalid.clear();
        world.remove("BusinessRole/research");
      },
    ],
  ])("takes what was approved after a reading that could not tell: %s", async (_, blur, clear) => {
    blur();
    expect(tell(await world.apply()).done).toEqual([]);
    clear();
    expect([...tell(await world.apply()).done].sort()).toEqual(revoked);
  });

  test("takes nothing once it is back for sure, whatever else is unknown and comes later", async () => {
    const odd = { members: { when: "true" }, accessProfiles: [{ name: "nowhere" }] };
    world.put(
      { kind: "BusinessRole", name: "research", spec },
      { kind: "BusinessRole", name: "odd", spec: odd },
    );
    await world.apply();
    expect(await (await world.state()).holds("people")).toEqual([]);
    world.remove("BusinessRole/research");
    world.remove("BusinessRole/odd");
    await world.apply();
    world.now += 10 * minute;
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("takes nothing from whom it was given anew meanwhile, and from the others what was approved", async () => {
    world.complete = { ok: false, reason: "a file cannot be read" };
    const lab = { identity: { name: "a" }, accessProfile: { name: "lab" }, reason: "a project" };
    world.put({ kind: "Grant", name: "a-lab", spec: lab });
    await world.apply();
    world.complete = { ok: true };
    world.remove("Grant/a-lab");
    expect([...tell(await world.apply()).done].sort()).toEqual(revoked.slice(1));
  });

  test("takes nothing once it is back, whatever was approved", async () => {
    world.put({ kind: "BusinessRole", name: "research", spec });
    await world.apply();
    expect(await (await world.state()).holds("people")).toEqual([]);
  });
});
