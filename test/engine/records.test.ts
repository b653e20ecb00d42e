import { describe, expect, test } from "vitest";
import type { TargetSpec } from "../../src/core/kinds/kinds.ts";
import type { Resource } from "../../src/core/kinds/resource.ts";
import type { State } from "../../src/state/state.ts";
import { eventsOf, handedBy } from "../support/by-hand.ts";
import { ByWord } from "../support/by-word.ts";
import { person } from "../support/company.ts";
import { tell } from "../support/told.ts";

class Killed extends Error {}

/** A state whose process dies before and after each of its writes, when it is time. */
function mortal(state: State, isTime: () => boolean): State {
  const die = () => {
    if (isTime()) throw new Killed();
  };
  return new Proxy(state, {
    get(target, property) {
      const member = Reflect.get(target, property, target) as unknown;
      if (typeof member !== "function") return member;
      if (property !== "begin" && property !== "finish") return member.bind(target);
      return async (...given: unknown[]) => {
        die();
        await member.apply(target, given);
        die();
      };
    },
  });
}

const hired = () => {
  const world = ByWord.with();
  world.put(person("ann"));
  return world;
};

describe("where there is nothing but people's word", () => {
  test("what they are asked for is kept once they say that they did it, and converges", async () => {
    const world = hired();
    expect(handedBy(await world.apply()).toSorted()).toEqual(["Create ann", "Grant ann lab"]);
    expect(await world.records()).toEqual([]);
    await world.answer("ann", "Completed");
    const reports = await world.apply();
    expect(tell(reports)).toMatchObject({ done: ["Create ann", "Grant ann lab"], withheld: [], failed: [] });
    expect(eventsOf(reports)).toEqual(["Done ann"]);
    expect(await world.records()).toEqual(["ann (lab)"]);
    expect(await world.closed()).toEqual(["ann Done: create; grant lab"]);
    expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
  });

  test("the journal says who did it, and by which task", async () => {
    const world = hired();
    await world.apply();
    const task = await world.taskOf("ann");
    await world.answer("ann", "Completed");
    await world.apply();
    expect(await world.journal()).toMatchObject([
      { operation: "Create", result: "Done", task, doneBy: "maria" },
      { operation: "Grant", result: "Done", task, doneBy: "maria" },
    ]);
  });

  test("a plan shows what would be kept, and keeps nothing", async () => {
    const world = hired();
    await world.apply();
    await world.answer("ann", "Completed");
    const [report] = await world.plan();
    expect(report?.guarded.items.map(({ operation }) => operation)).toEqual(["Create", "Grant"]);
    expect(await world.records()).toEqual([]);
    expect(tell(await world.applyShown()).done).toEqual(["Create ann", "Grant ann lab"]);
  });

  test("what is rejected is not kept, and not asked for again", async () => {
    const world = hired();
    await world.apply();
    await world.answer("ann", "Rejected", "no desk");
    expect(tell(await world.apply())).toMatchObject({
      done: [],
      withheld: ["Rejected: Create ann", "Rejected: Grant ann lab"],
    });
    expect(await world.records()).toEqual([]);
  });

  test("each person's task counts by itself", async () => {
    const world = hired();
    world.put(person("bob"));
    await world.apply();
    await world.answer("bob", "Completed");
    expect(eventsOf(await world.apply())).toEqual(["Done bob"]);
    expect(await world.records()).toEqual(["bob (lab)"]);
    expect(await world.open()).toEqual(["ann Open: create; grant lab"]);
  });

  test("a budget is taken from once: when people are asked", async () => {
    const world = ByWord.with({ limits: { creates: { percent: 0, atLeast: 1, per: "24h" } } });
    world.put(person("ann"));
    await world.apply();
    await world.answer("ann", "Completed");
    expect(tell(await world.apply())).toMatchObject({ done: ["Create ann", "Grant ann lab"], withheld: [] });
    world.put(person("bob"));
    expect(tell(await world.apply()).withheld).toContain("Budget: Create bob");
  });

  test.each([true, false])(
    "what may not have been kept is looked up before it is kept again (kept: %s)",
    async (kept) => {
      const world = hired();
      await world.apply();
      await world.answer("ann", "Completed");
      world.loses = kept ? "answers" : "writes";
      const failed = await world.apply();
      expect(tell(failed)).toMatchObject({ done: [], failed: [expect.stringContaining("InDoubt")] });
      expect(await world.records()).toEqual(kept ? ["ann ()"] : []);
      expect(await world.open()).toEqual(["ann Completed: create; grant lab"]);
      world.loses = "nothing";
      expect(eventsOf(await world.apply())).toEqual(["Done ann"]);
      expect(await world.records()).toEqual(["ann (lab)"]);
      expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
      const lines = (await world.journal()).filter(({ result }) => result === "Done");
      expect(lines.map(({ operation, doneBy }) => `${operation} ${doneBy}`)).toEqual([
        "Create maria",
        "Grant maria",
      ]);
    },
  );

  test("who leaves is disabled by hand, as they came", async () => {
    const world = hired();
    await world.apply();
    await world.answer("ann", "Completed");
    await world.apply();
    world.put(person("ann", { lifecycle: { state: "Inactive" } }));
    await world.apply();
    expect(await world.open()).toEqual(["ann Open: disable; revoke lab"]);
    await world.answer("ann", "Completed");
    await world.apply();
    expect(await world.records()).toEqual(["ann disabled ()"]);
  });

  test("survives a restart between what was said and its keeping", async () => {
    const world = hired();
    await world.apply();
    await world.answer("ann", "Completed");
    world.restart();
    expect(eventsOf(await world.apply())).toEqual(["Done ann"]);
    expect(await world.records()).toEqual(["ann (lab)"]);
  });

  test("nobody is kept twice, and no line is lost, whenever the process is killed", async () => {
    for (let step = 0; ; step++) {
      let left = Number.POSITIVE_INFINITY;
      const world = ByWord.with({}, { state: (state) => mortal(state, () => left-- === 0) });
      world.put(person("ann"));
      await world.apply();
      await world.answer("ann", "Completed");
      left = step;
      const wasKilled = await world.apply().then(
        () => false,
        (error) => error instanceof Killed,
      );
      left = Number.POSITIVE_INFINITY;
      world.restart();
      await world.apply();
      expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
      expect({ step, records: await world.records(), tasks: await world.open() }).toEqual({
        ...{ step, records: ["ann (lab)"], tasks: [] },
      });
      const done = (await world.journal()).filter(({ result }) => result === "Done");
      const lines = done.map(({ operation, doneBy }) => `${operation} ${doneBy}`);
      expect({ step, lines }).toEqual({ step, lines: ["Create maria", "Grant maria"] });
      if (!wasKilled) return;
    }
  });

  test.each([
    ["would keep there what is sensitive", { mail: { value: "x", sensitive: true } }, { owner: "desk" }],
    ["asks nobody", {}, undefined],
  ])("a target that %s is not looked after", async (_, attributes, tasks) => {
    const world = ByWord.with({ accounts: { name: { expression: "identity.userName" }, attributes }, tasks });
    world.put(person("ann"));
    expect(await world.apply()).toEqual([]);
  });

  test("a target that is in force though it asks nobody, being older than its store, does not fit", async () => {
    const world = hired();
    await world.apply();
    const known = world.known.Target.get("people")!;
    const { tasks: _, ...spec } = known.resource.spec as TargetSpec;
    const resource = { ...known.resource, spec } as Resource<"Target">;
    world.known.Target.set("people", { ...known, resource });
    world.edit("Target/people", { tasks: undefined });
    world.restart();
    const [report] = await world.apply();
    const message = "Target/people spec.tasks is missing";
    expect(report?.error).toMatchObject({ kind: "Invalid", message: expect.stringContaining(message) });
  });
});
