import { describe, expect, test } from "vitest";
import { ByHand, handedBy } from "../support/by-hand.ts";
import { dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";

const hour = 3_600_000;
const mail = (name: string) => ({
  mail: [`${name}@example.org`],
  employeeNumber: [`E-${name}`],
  department: ["Research"],
});

describe("a store that people change", () => {
  test("is never written: what is to be done becomes one task for each account", async () => {
    const world = ByHand.with();
    world.put(person("ann"), person("bob"));
    const reports = await world.apply();
    expect(handedBy(reports).toSorted()).toEqual([
      "Create ann",
      "Create bob",
      "Create lab",
      "Grant ann lab",
      "Grant bob lab",
    ]);
    expect(tell(reports)).toMatchObject({ done: [], failed: [], withheld: [] });
    expect((await world.open()).toSorted()).toEqual([
      "ann Open: create; grant lab",
      "bob Open: create; grant lab",
      "lab Open: create",
    ]);
    expect(world.store.accounts.size + world.store.entitlements.size).toBe(0);
    expect(tell(await world.apply()).withheld).toContain("Task: Create ann");
    expect(await world.look()).toEqual([]);
  });

  test("counts as converged when it shows what was asked for, piece by piece, and not before", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    world.store.addAccount(dn("ann"), mail("ann"));
    expect(await world.look()).toEqual([]);
    expect((await world.open()).toSorted()).toEqual(["ann Open: grant lab", "lab Open: create"]);
    world.store.addEntitlement("lab", [dn("ann")]);
    expect(await world.look()).toEqual(["Done ann", "Done lab"]);
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
    const [link] = await (await world.state()).linksOf("people", ["ann"]);
    expect(link).toMatchObject({ origin: "Created", seen: expect.any(String) });
    const lines = await world.journal();
    expect(lines.map(({ operation, result }) => `${operation} ${result}`)).toEqual([
      "Create Done",
      "Create Done",
      "Grant Done",
    ]);
  });
});
void hour;
