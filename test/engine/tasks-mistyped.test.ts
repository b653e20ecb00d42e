import { describe, expect, test } from "vitest";
import { ByHand } from "../support/by-hand.ts";
import { dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { hashesOf } from "../support/world.ts";

const values = (name: string) => ({
  mail: [`${name}@example.org`],
  employeeNumber: [`E-${name}`],
  department: ["Research"],
});

/** People whose accounts are asked for, and nothing else. */
async function asked(...names: readonly string[]): Promise<ByHand> {
  const world = ByHand.with();
  world.put(...names.map((name) => person(name)));
  await world.apply();
  world.store.addEntitlement("lab");
  await world.apply();
  return world;
}

async function linked(world: ByHand, ...names: readonly string[]) {
  const links = await (await world.state()).linksOf("people", names);
  return links.map(({ identity, anchor, origin }) => ({ identity, anchor, origin }));
}

describe("an account that somebody made under another name than was asked for", () => {
  test("is known by the keys of whom it is once somebody says that it is made, and is to be renamed", async () => {
    const world = await asked("ann");
    const task = await world.taskOf("ann");
    const { anchor } = world.store.addAccount(dn("anm"), values("ann"));
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(["ann Open: create; grant lab"]);
    await world.answer("ann", "Completed");
    expect(await world.look()).toEqual(["Changed ann"]);
    expect(await linked(world, "ann")).toEqual([{ identity: "ann", anchor, origin: "Created" }]);
    expect(await world.open()).toEqual(["ann Open: rename; grant lab"]);
    expect(await world.taskOf("ann")).toBe(task);
    world.store.editAccount(dn("anm"), { name: dn("ann") });
    world.store.addMember("lab", dn("ann"));
    expect(await world.look()).toEqual(["Done ann"]);
    expect(tell(await world.apply())).toMatchObject({ withheld: [], findings: [] });
  });

  test("is proposed for adoption until then: who applies that plan is asked to rename it, in the same task", async () => {
    const world = await asked("ann");
    const task = await world.taskOf("ann");
    const { anchor } = world.store.addAccount(dn("anm"), values("ann"));
    const shown = new Set(hashesOf(await world.plan()));
    expect(await world.look({ shown })).toEqual(["Changed ann"]);
    expect(await linked(world, "ann")).toEqual([{ identity: "ann", anchor, origin: "Adopted" }]);
    expect(await world.open()).toEqual(["ann Open: rename; grant lab"]);
    expect(await world.taskOf("ann")).toBe(task);
  });

  test("is known so, though a stranger's has the name", async () => {
    const world = await asked("ann");
    await world.answer("ann", "Completed");
    world.store.addAccount(dn("ann"), {});
    const { anchor } = world.store.addAccount(dn("anm"), values("ann"));
    await world.apply();
    expect(await linked(world, "ann")).toEqual([{ identity: "ann", anchor, origin: "Created" }]);
  });

  test("is nobody's while two have the same keys", async () => {
    const world = await asked("ann");
    await world.answer("ann", "Completed");
    world.store.addAccount(dn("an1"), values("ann"));
    world.store.addAccount(dn("an2"), values("ann"));
    await world.apply();
    expect(await linked(world, "ann")).toEqual([]);
  });

  test("stays whose it is", async () => {
    const world = await asked("ann", "bob");
    await world.answer("ann", "Completed");
    const { anchor } = world.store.addAccount(dn("bob"), values("bob"));
    await world.apply();
    world.store.editAccount(dn("bob"), { attributes: values("ann") });
    await world.apply();
    expect(await linked(world, "ann", "bob")).toEqual([{ identity: "bob", anchor, origin: "Created" }]);
  });
});
