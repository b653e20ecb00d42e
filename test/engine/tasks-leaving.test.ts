import { beforeEach, describe, expect, test } from "vitest";
import { ByHand } from "../support/by-hand.ts";
import { dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";

const hour = 3_600_000;
const grace = 48;
let world: ByHand;

/** Ann has left: her account is to be disabled, to lose its group, and to be deleted two days later. */
beforeEach(async () => {
  world = ByHand.with({
    allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
    deprovision: { action: "Delete", deleteAfter: `${grace}h` },
  });
  world.put(person("ann"));
  await world.apply();
  world.store.addAccount(dn("ann"), {
    mail: ["ann@example.org"],
    employeeNumber: ["E-ann"],
    department: ["Research"],
  });
  world.store.addEntitlement("lab", [dn("ann")]);
  await world.apply();
  world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
  expect(await world.look()).toEqual(["Opened ann"]);
  expect(await world.open()).toEqual(["ann Open: disable; revoke lab"]);
});

async function disable(): Promise<void> {
  world.store.editAccount(dn("ann"), { enabled: false });
  await world.apply();
}

async function lookIn(hours: number): Promise<readonly string[]> {
  world.now += hours * hour;
  return world.look();
}

describe("the time until an account is deleted", () => {
  test("begins when the store shows it disabled, whatever it still holds", async () => {
    await disable();
    expect(await world.open()).toEqual(["ann Open: revoke lab"]);
    expect(await lookIn(grace - 1)).toEqual(["Reminded ann"]);
    expect(await lookIn(1)).toEqual(["Changed ann"]);
    expect(await world.open()).toEqual(["ann Open: revoke lab; delete"]);
  });

  test("does not wait for what somebody has refused to take from it: its deletion is a question of its own", async () => {
    await disable();
    await world.answer("ann", "Rejected", "she still needs the lab");
    expect(await lookIn(grace - 1)).toEqual([]);
    expect(await lookIn(1)).toEqual(["Opened ann"]);
    expect((await world.open()).toSorted()).toEqual(["ann Open: delete", "ann Rejected: revoke lab"]);
    expect(tell(await world.apply()).withheld.toSorted()).toEqual([
      "Rejected: Revoke ann lab",
      "Task: Delete ann",
    ]);
    world.store.removeAccount(dn("ann"));
    expect(await world.look()).toEqual(["Done ann"]);
    expect(await world.open()).toEqual([]);
  });

  test("is that of the plan, and survives a restart", async () => {
    await disable();
    await world.answer("ann", "Rejected", "she still needs the lab");
    const due = new Date(world.now + grace * hour).toISOString();
    const message = expect.stringContaining(`is deleted on ${due}`);
    for (let day = 0; day < 2; day++) {
      world.now += 12 * hour;
      world.restart();
      expect(tell(await world.apply()).findings).toEqual([message]);
    }
  });

  test("does not begin while nobody disables it: somebody who is let work on is not deleted", async () => {
    await world.answer("ann", "Rejected", "she stays until May");
    expect(await lookIn(10 * grace)).toEqual([]);
    expect(await world.open()).toEqual(["ann Rejected: disable; revoke lab"]);
  });
});
