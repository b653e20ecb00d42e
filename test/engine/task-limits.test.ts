import { describe, expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import type { State } from "../../src/state/state.ts";
import { ByHand, handedBy } from "../support/by-hand.ts";
import { company, dn, person } from "../support/company.ts";
import { applyThrough, mortalState, type StateMoment } from "../support/mortal-state.ts";
import { tell } from "../support/told.ts";
import { hashesOf, type World } from "../support/world.ts";

const hour = 3_600_000;
const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
const limits = { removals: { percent: 0, atLeast: 3, atMost: 3, per: "24h" } };

/** Twelve people of no group, whose accounts are there. */
async function founded(): Promise<ByHand> {
  const world = new ByHand();
  world.put(...company({ tasks: { owner: "records" }, limits }));
  for (const name of names) world.put(person(name, { department: "Sales" }));
  await world.apply();
  for (const name of names)
    world.store.addAccount(dn(name), {
      mail: [`${name}@example.org`],
      employeeNumber: [`E-${name}`],
      department: ["Sales"],
    });
  await world.apply();
  world.now += 48 * hour;
  return world;
}

function leave(world: World, ...some: readonly string[]): void {
  for (const name of some) world.edit(`Identity/${name}`, { lifecycle: { state: "Inactive" } });
}

describe("a budget (law 5)", () => {
  test("bounds what is handed over: what does not fit whole is held whole, and nobody is asked for any of it", async () => {
    const world = await founded();
    leave(world, ...names.slice(0, 4));
    const reports = await world.apply();
    expect(handedBy(reports)).toEqual([]);
    expect(tell(reports).withheld).toHaveLength(4);
    expect(await world.open()).toEqual([]);
  });

  test("counts a removal when it is handed over, once, however long it takes and however it ends", async () => {
    const world = await founded();
    const spent = async () => (await world.state()).spent("people", "Removals", 0);
    leave(world, "p0", "p1", "p2");
    expect(handedBy(await world.apply())).toEqual(["Disable p0", "Disable p1", "Disable p2"]);
    for (let pass = 0; pass < 3; pass++) await world.apply();
    expect(await spent()).toBe(3);
    world.store.editAccount(dn("p0"), { enabled: false });
    await world.answer("p1", "Rejected", "no");
    world.edit("Identity/p2", { lifecycle: undefined });
    await world.apply();
    expect(await spent()).toBe(3);
    leave(world, "p3");
    expect(tell(await world.apply()).withheld).toContain("Budget: Disable p3");
  });

  test("is spent again on what is asked for again", async () => {
    const world = await founded();
    leave(world, "p0");
    await world.apply();
    world.edit("Identity/p0", { lifecycle: undefined });
    await world.apply();
    leave(world, "p0");
    await world.apply();
    expect(await (await world.state()).spent("people", "Removals", 0)).toBe(2);
  });

  test("that is exceeded asks for an approval, and what is approved is handed over and not counted", async () => {
    const world = await founded();
    const state = await world.state();
    leave(world, ...names.slice(0, 4));
    await world.apply();
    const [hold] = await state.holds("people");
    await state.approve(hold!.hash, "maria", world.now);
    expect(handedBy(await world.apply())).toHaveLength(4);
    expect(await state.spent("people", "Removals", 0)).toBe(0);
    expect(await state.holds("people")).toEqual([]);
    const [task] = await state.tasks();
    expect(task?.items).toMatchObject([{ approvedBy: "maria" }]);
  });
});

describe("what a person was shown (law 6)", () => {
  test("is all that is handed over", async () => {
    const world = await founded();
    leave(world, "p0");
    const shown = hashesOf(await world.plan());
    leave(world, "p1");
    const reports = await world.apply({ shown });
    expect(handedBy(reports)).toEqual(["Disable p0"]);
    expect(tell(reports).withheld).toEqual(["NotShown: Disable p1"]);
  });
});

describe("a pass that finds nothing new (law 2)", () => {
  test("writes nothing to the state while tasks wait, are completed, or are rejected", async () => {
    const written: string[] = [];
    const writing = new Set(["begin", "finish", "putHolds", "setNotes", "savePlan"]);
    const watched = (state: State) =>
      new Proxy(state, {
        get(target, property) {
          const member = Reflect.get(target, property, target) as unknown;
          if (typeof member !== "function") return member;
          if (writing.has(String(property))) written.push(String(property));
          return member.bind(target) as unknown;
        },
      });
    const world = new ByHand(undefined, { state: watched });
    world.put(...company({ tasks: { owner: "records" } }), person("ann"), person("bob"), person("zoe"));
    await world.apply();
    await world.answer("bob", "Completed");
    await world.answer("zoe", "Rejected", "no");
    await world.apply();
    written.length = 0;
    for (const options of [{}, { full: true }, { pass: false }]) await world.apply(options);
    expect(written).toEqual([]);
  });
});

describe("a store that cannot be read (law 4)", () => {
  const calls = ["marker", "scan", "fetch", "find", "entitlements", "memberships"] as const;

  test.each(calls)(
    "at %s closes no task and opens none, and what was done meanwhile is seen when it is back",
    async (broken) => {
      const world = new ByHand();
      world.put(...company({ tasks: { owner: "records" } }), person("ann"), person("bob"));
      await world.apply();
      world.store.addAccount(dn("ann"), {
        mail: ["ann@example.org"],
        employeeNumber: ["E-ann"],
        department: ["Research"],
      });
      world.store.addEntitlement("lab");
      await world.apply();
      world.store.addMember("lab", dn("ann"));
      world.put(person("zoe"));
      world.edit("Identity/bob", { userType: "Guest", department: "Sales" });
      const state = await world.state();
      const before = await state.tasks();
      world.store.faults = {
        call: (call) => {
          if (call === broken) throw new StoreError("Unavailable", "it is down");
        },
      };
      world.restart();
      const told = tell(await world.apply({ full: true }));
      expect(told.errors).toEqual(["Unavailable: it is down"]);
      const after = new Map((await state.tasks()).map((task) => [task.name, task]));
      for (const task of before) expect(after.get(task.name)?.phase).toBe("Open");
      world.store.faults = {};
      expect(await world.look()).toEqual(["Done ann", "Opened zoe", "Withdrawn bob"]);
    },
  );
});

describe("killed (law 7)", () => {
  test.each(["before finish", "after finish"] satisfies StateMoment[])(
    "%s, no task is lost, none is there or counted twice, and no line is lost or doubled",
    async (moment) => {
      let died = true;
      let after = 0;
      for (; died; after++) {
        const kill = { moment: "", left: after };
        const dies = (at: string) => at === kill.moment && kill.left-- === 0;
        const world = new ByHand(undefined, { state: mortalState(dies) });
        world.put(...company({ tasks: { owner: "records" }, limits }), person("ann"), person("bob"));
        const steps = [
          () => {},
          () => world.store.addAccount(dn("ann"), { employeeNumber: ["E-ann"] }),
          () => {
            world.store.editAccount(dn("ann"), {
              attributes: { mail: ["ann@example.org"], employeeNumber: ["E-ann"], department: ["Research"] },
            });
            world.store.addEntitlement("lab", [dn("ann")]);
          },
          () => leave(world, "ann"),
        ];
        kill.moment = moment;
        died = false;
        for (const step of steps) {
          step();
          world.now += hour;
          died = (await applyThrough(world)) || died;
        }
        expect(await world.open()).toEqual(["bob Open: create; grant lab", "ann Open: disable; revoke lab"]);
        expect(await world.told()).toEqual(["Create Done", "Create Done", "Grant Done", "Update Done"]);
        expect(await (await world.state()).openBatches("people")).toEqual([]);
        expect(await (await world.state()).spent("people", "Removals", 0)).toBe(1);
        expect((await (await world.state()).tasks({ all: true })).length).toBe(4);
      }
      expect(after).toBeGreaterThan(1);
    },
  );
});
