import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { ByHand } from "../support/by-hand.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";

const hour = 3_600_000;
const values = { mail: ["ann@example.org"], employeeNumber: ["E-ann"], department: ["Sales"] };

/** One account to be made, for somebody who is in no group. */
async function asked(store?: MemoryStore): Promise<ByHand> {
  const world = new ByHand(store);
  world.put(...company({ tasks: { owner: "records" } }), person("ann", { department: "Sales" }));
  await world.apply();
  return world;
}

describe("a task that somebody completed", () => {
  test("is done when the store shows it, and the journal says who did it", async () => {
    const world = await asked();
    const task = await world.taskOf("ann");
    await world.answer("ann", "Completed");
    world.store.addAccount(dn("ann"), values);
    expect(await world.look()).toEqual(["Done ann"]);
    expect(await world.journal()).toMatchObject([
      { operation: "Create", result: "Done", task, doneBy: "maria", at: world.now },
    ]);
  });

  test("waits for a reading that is newer than what was said", async () => {
    const world = await asked();
    await world.answer("ann", "Completed");
    expect(await world.look()).toEqual([]);
    expect(await world.look()).toEqual([]);
    expect(tell(await world.apply()).withheld).toEqual(["Task: Create ann"]);
    expect(await world.open()).toEqual(["ann Completed: create"]);
  });

  test("is open again, saying so, when the store has changed and does not show it", async () => {
    const world = await asked();
    await world.answer("ann", "Completed");
    await world.apply();
    world.store.addAccount(dn("somebody"), {});
    expect(await world.look()).toEqual(["Reopened ann"]);
    const [task] = await (await world.state()).tasks();
    expect(task).toMatchObject({
      phase: "Open",
      message: expect.stringMatching(/maria completed it .* does not show it/),
    });
    expect(task?.answered).toBeUndefined();
  });

  test("is open again with the next reading of a store that cannot tell whether it changed", async () => {
    const world = await asked(new MemoryStore({ nameMatching: "distinguishedName", marker: false }));
    await world.answer("ann", "Completed");
    expect(await world.look()).toEqual(["Reopened ann"]);
  });

  test("is open again when more is to be done than was said to be", async () => {
    const world = await asked();
    await world.answer("ann", "Completed");
    world.edit("Identity/ann", { emails: [{ value: "a@example.org" }] });
    expect(await world.look()).toEqual(["Changed ann"]);
    expect(await world.open()).toEqual(["ann Open: create"]);
  });
});

describe("a task that somebody rejected", () => {
  test("stays undone, says by whom and why, and nobody is asked again", async () => {
    const world = await asked();
    await world.answer("ann", "Rejected", "she never came");
    const [report] = await world.apply();
    expect(report?.guarded.withheld).toMatchObject([
      { kind: "Rejected", reason: expect.stringContaining("rejected by maria: she never came") },
    ]);
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(["ann Rejected: create"]);
    expect(await world.journal()).toMatchObject([
      { operation: "Create", result: "Failed", error: "rejected by maria: she never came" },
    ]);
  });

  test("is asked for in another task when something else is due", async () => {
    const world = await asked();
    await world.answer("ann", "Rejected", "no");
    world.edit("Identity/ann", { emails: [{ value: "a@example.org" }] });
    expect(await world.look()).toEqual(["Opened ann"]);
    expect(await world.open()).toEqual(["ann Open: create"]);
  });

  test("is closed, and still known as rejected, when it is no longer due", async () => {
    const world = await asked();
    const name = await world.taskOf("ann");
    await world.answer("ann", "Rejected", "no");
    world.edit("Identity/ann", { userType: "Guest" });
    await world.apply();
    expect(await world.open()).toEqual([]);
    const [task] = await (await world.state()).tasks({ name });
    expect(task).toMatchObject({ phase: "Rejected", closed: world.now });
  });

  test("is done where it was done all the same", async () => {
    const world = await asked();
    await world.answer("ann", "Rejected", "no");
    world.store.addAccount(dn("ann"), values);
    expect(await world.look()).toEqual(["Done ann"]);
  });
});

describe("an answer", () => {
  test("is refused where the task is closed, not there, or another target's", async () => {
    const world = await asked();
    const name = await world.taskOf("ann");
    await expect(world.say({ task: "nothing" })).rejects.toThrow(/no task nothing/);
    await expect(world.say({ task: name, target: "others" })).rejects.toThrow(/no task .* of target others/);
    world.edit("Identity/ann", { userType: "Guest" });
    await world.apply();
    await expect(world.say({ task: name })).rejects.toThrow(/is closed \(Withdrawn\)/);
  });

  test("is refused where nobody says it, and a rejection where nobody says why", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const task = await world.taskOf("ann");
    await expect(world.say({ task, by: " " })).rejects.toThrow("say who answers");
    await expect(world.say({ task, outcome: "Rejected", reason: " " })).rejects.toThrow("say why");
    expect(await world.open()).toContain("ann Open: create; grant lab");
  });

  test("that stands in a file is taken once, and again only when the file says something else", async () => {
    const world = await asked();
    const task = await world.taskOf("ann");
    await world.say({ task, digest: "1" });
    await world.apply();
    world.store.addAccount(dn("somebody"), {});
    expect(await world.look()).toEqual(["Reopened ann"]);
    await world.say({ task, digest: "1" });
    expect(await world.open()).toEqual(["ann Open: create"]);
    await world.say({ task, digest: "2" });
    expect(await world.open()).toEqual(["ann Completed: create"]);
  });
});

describe("the owner of a task", () => {
  test("is reminded once each interval and when it falls due, then that it is overdue", async () => {
    const world = await asked();
    const told: string[] = [];
    for (let hours = 1; hours <= 100; hours++) {
      world.now += hour;
      for (const event of await world.look({ pass: hours % 7 === 0 })) told.push(`${hours} h: ${event}`);
    }
    expect(told).toEqual([
      "24 h: Reminded ann",
      "48 h: Reminded ann",
      "72 h: Overdue ann",
      "96 h: Overdue ann",
    ]);
  });

  test("is reminded at the due time, whatever the interval", async () => {
    const world = await asked();
    world.edit("Target/people", { tasks: { owner: "records", due: "30h" } });
    world.edit("Identity/ann", { userType: "Guest" });
    await world.apply();
    world.edit("Identity/ann", { userType: "Employee" });
    await world.apply();
    world.now += 25 * hour;
    expect(await world.look()).toEqual(["Reminded ann"]);
    world.now += 5 * hour;
    expect(await world.look()).toEqual(["Overdue ann"]);
    expect(await world.look()).toEqual([]);
  });

  test("has no time for an emergency", async () => {
    const world = await asked();
    world.store.addAccount(dn("ann"), values);
    await world.apply();
    await world.apply();
    world.edit("Identity/ann", { lifecycle: { emergency: "Disable" } });
    expect(await world.look()).toEqual(["Opened ann"]);
    const [task] = await (await world.state()).tasks();
    expect(task).toMatchObject({ due: world.now });
  });

  test("of a target whose terms changed gets the tasks that are open", async () => {
    const world = await asked();
    world.edit("Target/people", { tasks: { owner: "reception" } });
    expect(await world.look()).toEqual([]);
    expect(await (await world.state()).tasks()).toMatchObject([{ owner: "reception" }]);
  });
});
