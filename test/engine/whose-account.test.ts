import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, editAccounts, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

let world: World;
let store: MemoryStore;

beforeEach(() => {
  store = new MemoryStore();
  world = new World(store).put(...company());
});

test("the same drift a second time is found again: a store that is as it was is not one where nothing happened", async () => {
  world.put(person("ann"));
  await world.apply();
  for (let times = 0; times < 2; times++) {
    store.editAccount(dn("ann"), { attributes: { department: ["Mallory"] } });
    await world.apply();
    expect(store.account(dn("ann"))?.attributes.department).toEqual(["Research"]);
  }
});

describe("two identities that claim one account", () => {
  test("by name: neither gets it, both are told, the rest goes on", async () => {
    world.put(person("ann"), person("bob", { userName: "ann" }), person("cid"));
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual(expect.arrayContaining(["Create cid", "Grant cid lab"]));
    expect(store.account(dn("ann"))).toBeUndefined();
    expect(findings).toEqual([
      expect.stringMatching(/^Conflict ann: ann and bob would all be called .*give them different names/),
      expect.stringMatching(/^Conflict bob: ann and bob would all be called/),
    ]);
  });

  test("by the name of an account that another identity has: its owner keeps it", async () => {
    world.put(person("ann"));
    await world.apply();
    world.put(person("bob", { userName: "ann" }));
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Conflict bob: .* is the account of ann/)]);
    expect(store.account(dn("ann"))?.attributes.employeeNumber).toEqual(["E-ann"]);
  });

  test("by a strong key that an account there bears: neither gets it", async () => {
    store.addAccount(dn("old"), { employeeNumber: ["E-1"] });
    world.put(person("ann", { employeeNumber: "E-1" }), person("bob", { employeeNumber: "E-1" }));
    const { done, findings } = tell(await world.applyShown());
    expect(done.filter((what) => !what.endsWith("lab"))).toEqual([]);
    expect(findings).toEqual([
      expect.stringMatching(/^Conflict ann: ann and bob both have employeeNumber e-1, which proves/),
      expect.stringMatching(/^Conflict bob: /),
    ]);
  });

  test("by a strong key alone: who proves to be the same person does not get two accounts", async () => {
    world.put(person("ann", { employeeNumber: "E-1" }), person("bob", { employeeNumber: "E-1" }));
    const { done, findings } = tell(await world.apply());
    expect(store.accounts.size).toBe(0);
    expect(done).toEqual(["Create lab"]);
    expect(findings).toEqual([
      expect.stringMatching(/^Conflict ann: .*employeeNumber/),
      expect.stringMatching(/^Conflict bob: .*employeeNumber/),
    ]);
  });
});

describe("correlation", () => {
  test("a tie is a conflict that blocks this account alone", async () => {
    store.addAccount(dn("one"), { employeeNumber: ["E-ann"] });
    store.addAccount(dn("two"), { employeeNumber: ["E-ann"] });
    world.put(person("ann"), person("bob"));
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual(expect.arrayContaining(["Create bob"]));
    expect(findings).toEqual([
      expect.stringMatching(/^Conflict ann: 2 accounts match by employeeNumber .*pin one with spec.links/),
    ]);
  });

  test("a tie is decided by a pin", async () => {
    store.addAccount(dn("one"), { employeeNumber: ["E-ann"] });
    const two = store.addAccount(dn("two"), { employeeNumber: ["E-ann"] });
    world.put(person("ann", { links: [{ target: "people", anchor: two.anchor }] }));
    const { done } = tell(await world.apply());
    expect(done).toEqual(expect.arrayContaining(["Adopt ann", "Update ann"]));
    expect(store.accounts.get(two.anchor)?.name).toBe(dn("ann"));
  });

  test("an account that bears the name without matching any rule is in the way, and not touched", async () => {
    const there = store.addAccount(dn("ann"), { mail: ["other@example.org"] });
    world.put(person("ann"));
    const { done, findings } = tell(await world.applyShown());
    expect(done).toEqual(["Create lab"]);
    expect(findings).toEqual([expect.stringMatching(/^Conflict ann: .*exists already and no match rule/)]);
    expect(store.accounts.get(there.anchor)).toBe(there);
  });

  test.each([
    { adopt: "Never", applied: "apply", done: [], why: "a match is only told" },
    { adopt: "Never", applied: "applyShown", done: [], why: "even where it was shown" },
    { adopt: "Propose", applied: "apply", done: [], why: "nobody saw it" },
    { adopt: "Propose", applied: "applyShown", done: ["Adopt ann", "Update ann"], why: "the plan showed it" },
    { adopt: "Auto", applied: "apply", done: ["Adopt ann", "Update ann"], why: "the key is strong" },
  ] as const)("$adopt on $applied does $done: $why", async ({ adopt, applied, done }) => {
    store.addAccount(dn("ann"), { employeeNumber: ["E-ann"], mail: ["old@example.org"] });
    editAccounts(world, { adopt });
    world.put(person("ann", { department: "Sales" }));
    expect(tell(await world[applied]()).done).toEqual(done);
  });

  test("Auto proposes what only a weak rule found", async () => {
    store.addAccount(dn("ann"), { mail: ["ann@example.org"] });
    editAccounts(world, { adopt: "Auto", match: [{ keys: ["mail"] }] });
    world.put(person("ann", { department: "Sales" }));
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(withheld).toContain("Proposed: Adopt ann");
  });

  test("adopting writes nothing to the store", async () => {
    store.addAccount(dn("ann"), {
      employeeNumber: ["E-ann"],
      mail: ["ann@example.org"],
      department: ["Sales"],
    });
    world.put(person("ann", { department: "Sales" }));
    expect(tell(await world.applyShown()).done).toEqual(["Adopt ann"]);
    expect(store.writes).toBe(0);
  });

  test("an adopted account that is disabled is told, and stays so", async () => {
    store.addAccount(dn("ann"), { employeeNumber: ["E-ann"] }, false);
    world.put(person("ann", { department: "Sales" }));
    const { findings } = tell(await world.applyShown());
    expect(findings).toEqual([expect.stringMatching(/^Outside ann: .*was disabled by somebody else/)]);
    expect(store.account(dn("ann"))?.enabled).toBe(false);
  });
});

describe("links that a person decides", () => {
  test("a pin to what is not there, or another's, is a conflict that names it", async () => {
    world.put(person("ann"), person("bob", { links: [{ target: "people", anchor: "#99" }] }));
    const { done, findings } = tell(await world.apply());
    expect(done).toContain("Create ann");
    expect(findings).toEqual([expect.stringMatching(/^Conflict bob: spec.links names the account #99/)]);
  });

  test("a cut forgets the link and leaves the account as it is", async () => {
    world.put(person("ann"));
    await world.apply();
    const before = store.account(dn("ann"));
    world.edit("Identity/ann", { links: [{ target: "people", cut: "Cut" }] });
    expect(tell(await world.apply()).done).toEqual(["Forget ann"]);
    expect(store.account(dn("ann"))).toBe(before);
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("an account that was cut off can be pinned to somebody else at once", async () => {
    world.put(person("ann"));
    await world.apply();
    const anchor = store.account(dn("ann"))?.anchor ?? "";
    world.edit("Identity/ann", { links: [{ target: "people", cut: "Cut" }] });
    await world.apply();
    world.put(person("bob", { links: [{ target: "people", anchor }] }));
    expect(tell(await world.apply()).done).toEqual(expect.arrayContaining(["Adopt bob", "Update bob"]));
    expect(store.accounts.get(anchor)?.name).toBe(dn("bob"));
  });

  test("a pin to another account moves the link there, and leaves the old account as it is", async () => {
    world.put(person("ann"));
    await world.apply();
    const old = store.account(dn("ann"));
    const other = store.addAccount(dn("ann-2"), { employeeNumber: ["E-ann"] });
    world.edit("Identity/ann", { userName: "ann-2", links: [{ target: "people", anchor: other.anchor }] });
    await world.apply();
    await world.apply();
    const [link] = await (await world.state()).linksOf("people", ["ann"]);
    expect(link).toMatchObject({ anchor: other.anchor, origin: "Pinned" });
    expect(store.accounts.get(old?.anchor ?? "")).toMatchObject({ name: dn("ann"), enabled: true });
  });
});

describe("the same id with other strong keys", () => {
  beforeEach(async () => {
    world.put(person("ann"));
    await world.apply();
  });

  test("is a conflict, not an heir", async () => {
    world.edit("Identity/ann", { employeeNumber: "E-2", emails: [{ value: "new@example.org" }] });
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Conflict ann: .*linked with another employeeNumber/)]);
    expect(store.account(dn("ann"))?.attributes.mail).toEqual(["ann@example.org"]);
  });

  test("is one even when the key was absent for a while", async () => {
    world.edit("Identity/ann", { employeeNumber: undefined });
    await world.apply();
    world.edit("Identity/ann", { employeeNumber: "E-2" });
    expect(tell(await world.apply()).findings).toEqual([expect.stringMatching(/^Conflict ann/)]);
  });

  test("is confirmed by a pin, as its conflict says", async () => {
    const anchor = store.account(dn("ann"))?.anchor;
    world.edit("Identity/ann", { employeeNumber: "E-2", links: [{ target: "people", anchor }] });
    const { findings } = tell(await world.apply());
    expect(findings).toEqual([]);
    expect(store.account(dn("ann"))?.attributes.employeeNumber).toEqual(["E-2"]);
  });

  test("in another spelling is the same", async () => {
    world.edit("Identity/ann", { employeeNumber: "e-ANN" });
    expect(tell(await world.apply()).findings).toEqual([]);
  });
});

describe("two targets on one store", () => {
  test("never take the same account", async () => {
    const [, people] = company();
    world.put({ kind: "Target", name: "admins", spec: people?.spec ?? {} }, person("ann"));
    await world.apply();
    const { failed } = tell(await world.apply());
    expect(store.accounts.size).toBe(1);
    expect(failed).toEqual([expect.stringMatching(/^Create ann: Conflict: .*another one has it/)]);
  });

  test("take over from each other, where one is gone and a plan showed it", async () => {
    world.put(person("ann"));
    await world.apply();
    const [, people] = company();
    world.remove("Target/people").put({ kind: "Target", name: "other", spec: people?.spec ?? {} });
    expect(tell(await world.apply()).withheld).toEqual(expect.arrayContaining(["Proposed: Adopt ann"]));
    expect(tell(await world.applyShown()).done).toContain("Adopt ann");
    expect(store.accounts.size).toBe(1);
  });

  test("take over from one that did not run when it was taken away", async () => {
    const [, people] = company();
    world.put(person("ann"));
    await world.apply();
    world.edit("Target/people", { suspend: true });
    await world.apply();
    world.remove("Target/people").put({ kind: "Target", name: "other", spec: people?.spec ?? {} });
    const { failed, withheld } = tell(await world.apply());
    expect(failed).toEqual([]);
    expect(withheld).toContain("Proposed: Adopt ann");
  });
});
