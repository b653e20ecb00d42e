import { expect, test } from "vitest";
import { ByHand } from "../../test/support/by-hand.ts";
import { person } from "../../test/support/company.ts";
import type { TaskAnswer } from "../core/kinds/provisioning-task.ts";
import { rememberer } from "./remember.ts";

/** A company where ann's account is asked for, and what is told of readings of its manifests that hold answers. */
async function setting() {
  const world = ByHand.with();
  world.put(person("ann"));
  await world.apply();
  const state = await world.state();
  const told: string[][] = [];
  const remember = await rememberer({
    ...{ state, engine: { load: async () => {} }, now: () => world.now, writes: true },
    answered: (targets) => void told.push([...targets]),
  });
  const task = await world.taskOf("ann");
  const answer: TaskAnswer = { task, target: "people", outcome: "Completed", by: "maria", digest: "1" };
  const read = async (...answers: TaskAnswer[]) => {
    const { problems } = await remember({ ...world.reading(), answers });
    return problems.map(({ kind, name, message, severity }) => `${severity} ${kind}/${name}: ${message}`);
  };
  return { world, told, answer, read };
}

test("an answer that stands in a file or an object is taken once, and its target is told", async () => {
  const { world, told, answer, read } = await setting();
  for (let time = 0; time < 3; time++) expect(await read(answer)).toEqual([]);
  expect(told).toEqual([["people"]]);
  expect(await world.open()).toContain("ann Completed: create; grant lab");
});

test("another answer of the same task is taken as well", async () => {
  const { world, told, answer, read } = await setting();
  await read(answer);
  await read({ ...answer, outcome: "Rejected", reason: "no desk", digest: "2" });
  expect(told).toEqual([["people"], ["people"]]);
  expect(await world.open()).toContain("ann Rejected: create; grant lab");
});

test("an answer of a task that nobody knows is told of for as long as it stands there", async () => {
  const { told, answer, read } = await setting();
  const stray = { ...answer, task: "people-000000000000" };
  for (let time = 0; time < 2; time++)
    expect(await read(stray)).toEqual([
      expect.stringContaining("Warning ProvisioningTask/people-000000000000: there is no task"),
    ]);
  expect(await read()).toEqual([]);
  expect(told).toEqual([]);
});
