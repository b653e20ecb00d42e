import { beforeEach, describe, expect, test } from "vitest";
import { ByHand, eventsOf } from "../support/by-hand.ts";
import { dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";

const hour = 3_600_000;
const values = (name: string) => ({
  mail: [`${name}@example.org`],
  employeeNumber: [`E-${name}`],
  department: ["Research"],
});

/** What the store is asked. */
let calls: string[] = [];
const accounts = ["scan", "fetch", "find", "entitlements", "memberships"];
let world: ByHand;

/** Ann has an account and waits for another address; Bob for an account; Zoe is refused hers. */
beforeEach(async () => {
  world = ByHand.with();
  world.put(person("ann"));
  await world.apply();
  world.store.addAccount(dn("ann"), values("ann"));
  world.store.addEntitlement("lab", [dn("ann")]);
  await world.apply();
  world.edit("Identity/ann", { emails: [{ value: "a@example.org" }] });
  world.put(person("bob"), person("zoe"));
  await world.apply();
  await world.answer("zoe", "Rejected", "no desk");
  await world.apply();
  await world.apply();
  calls = [];
  world.store.faults = { call: (call) => void calls.push(call) };
});

const askedOf = () => calls.filter((call) => accounts.includes(call));
const waits = ["Rejected: Create zoe", "Rejected: Grant zoe lab", "Task: Create bob", "Task: Grant bob lab"];
const withAnn = [...waits, "Task: Update ann"];

describe("while a store is as it was, and so are the tasks", () => {
  test.each([{ pass: true }, { pass: false }])(
    "a run ($pass) asks the store for nobody, and tells of what waits all the same",
    async (options) => {
      for (let run = 0; run < 3; run++) {
        world.now += hour;
        const [report] = await world.apply(options);
        expect(tell([report!]).withheld.toSorted()).toEqual(withAnn);
        expect([...report!.examined].toSorted()).toEqual(["ann", "bob", "zoe"]);
      }
      expect(askedOf()).toEqual([]);
      expect(calls).toContain("marker");
    },
  );

  test("owners are reminded, and told of what is overdue", async () => {
    world.now += 25 * hour;
    expect(await world.look()).toEqual(["Reminded ann", "Reminded bob"]);
    world.now += 48 * hour;
    expect(await world.look()).toEqual(["Overdue ann", "Overdue bob"]);
    expect(askedOf()).toEqual([]);
  });

  test("what somebody did that is only told of is told of again and again", async () => {
    world.store.editAccount(dn("ann"), { enabled: false });
    for (let run = 0; run < 2; run++) await world.apply();
    calls = [];
    const { findings } = tell(await world.apply());
    expect(findings).toEqual([expect.stringContaining("was disabled by somebody else")]);
    expect(askedOf()).toEqual([]);
  });

  test("who is to be deleted is so in time", async () => {
    world.edit("Target/people", {
      allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
      deprovision: { action: "Delete", deleteAfter: "48h" },
    });
    world.store.editAccount(dn("ann"), { enabled: false });
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    for (let run = 0; run < 2; run++) await world.apply();
    calls = [];
    world.now += 47 * hour;
    await world.apply();
    expect(askedOf()).toEqual([]);
    world.now += hour;
    expect(await world.look()).toContain("Changed ann");
    expect(await world.open()).toContain("ann Open: revoke lab; delete");
  });

  test("a full compare asks all the same", async () => {
    await world.apply({ full: true });
    expect(askedOf()).toContain("fetch");
  });

  test("an edit of somebody else opens and closes what it says, and nothing else", async () => {
    world.edit("Identity/bob", { userType: "Guest", department: "Sales" });
    world.put(person("dan"));
    expect(await world.look({ pass: false })).toEqual(["Opened dan", "Withdrawn bob"]);
    expect(tell(await world.apply()).withheld).toContain("Task: Update ann");
    expect(tell(await world.apply()).withheld).toContain("Task: Create dan");
  });

  test("a plan shows what waits, and what it sees is still new to the run after it", async () => {
    world.store.addAccount(dn("bob"), values("bob"));
    world.store.addMember("lab", dn("bob"));
    await world.plan();
    expect(await world.look()).toEqual(["Done bob"]);
  });
});

describe("what is new is seen by the next run", () => {
  test.each([{ pass: true }, { pass: false }])("what people did (%o)", async (options) => {
    world.store.editAccount(dn("ann"), { attributes: { ...values("ann"), mail: ["a@example.org"] } });
    expect(await world.look(options)).toEqual(["Done ann"]);
    world.store.addAccount(dn("zoe"), values("zoe"));
    world.store.addMember("lab", dn("zoe"));
    expect(await world.look(options)).toEqual(["Done zoe"]);
    expect(tell(await world.apply(options)).withheld.toSorted()).toEqual(waits.slice(2));
  });

  test("what a look at the tasks alone did not see: who has no task, and who is nobody's", async () => {
    world.store.addAccount(dn("bob"), values("bob"));
    world.store.addMember("lab", dn("bob"));
    for (let run = 0; run < 2; run++) await world.apply();
    world.store.editAccount(dn("bob"), { attributes: { ...values("bob"), mail: ["b@example.org"] } });
    world.store.addAccount(dn("eve"), values("eve"));
    for (let run = 0; run < 2; run++) expect(await world.look({ pass: false })).toEqual([]);
    const [report] = await world.apply();
    expect(eventsOf([report!])).toEqual(["Opened bob"]);
    expect([...report!.orphans.values()]).toEqual([dn("eve")]);
  });

  test("that a store which showed nothing is as it was before", async () => {
    const ann = world.store.account(dn("ann"))!;
    world.store.dropAccount(ann.anchor);
    expect(await world.look()).toEqual([]);
    world.store.putAccount(ann);
    world.store.addMember("lab", dn("ann"));
    expect(await world.look({ pass: false })).toEqual([]);
    expect(await world.open()).toContain("ann Open: update mail");
  });

  test("what somebody says: an account without its keys is taken once it is told to be the one", async () => {
    const { employeeNumber: _, ...nobodys } = values("bob");
    world.store.addAccount(dn("bob"), { ...nobodys, mail: ["b@example.org"] });
    for (let run = 0; run < 3; run++) await world.apply();
    expect(await (await world.state()).linksOf("people", ["bob"])).toEqual([]);
    await world.answer("bob", "Completed");
    await world.apply();
    expect(await (await world.state()).linksOf("people", ["bob"])).toHaveLength(1);
  });

  test("what another target of the store lets go of", async () => {
    const { employeeNumber: _, ...nobodys } = values("bob");
    const { anchor } = world.store.addAccount(dn("bob"), { ...nobodys, mail: ["b@example.org"] });
    const accounts = { when: "identity.userName == 'bob'", name: { value: dn("bob") } };
    const spec = { store: { name: "directory" }, mode: "Enforce", accounts };
    world.put({ kind: "Target", name: "boxes", spec });
    world.edit("Identity/bob", { links: [{ target: "boxes", anchor }] });
    await world.apply();
    await world.answer("bob", "Completed");
    for (let run = 0; run < 3; run++) await world.apply();
    const linked = async (target: string) => (await world.state()).linksOf(target, ["bob"]);
    expect([await linked("boxes"), await linked("people")]).toEqual([[expect.anything()], []]);
    world.edit("Identity/bob", { links: [{ target: "boxes", cut: "Cut" }] });
    for (let run = 0; run < 2; run++) await world.apply({ pass: false });
    expect([await linked("boxes"), await linked("people")]).toEqual([[], [expect.anything()]]);
  });
});
