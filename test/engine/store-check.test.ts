import { expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import { company, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

/** A company whose store says of itself what `problems` gives. */
function checked(problems: () => readonly string[]) {
  let checks = 0;
  const world = new World(undefined, {
    connector: (connector) => ({
      ...connector,
      check: async () => {
        checks++;
        return { server: "memory", problems: problems() };
      },
    }),
  }).put(...company(), person("ann"));
  return { world, checks: () => checks };
}

test("what a connector's check finds is told with each run, and holds nothing up", async () => {
  const { world, checks } = checked(() => ["give the bind DN the right to read groups"]);
  const first = tell(await world.apply());
  expect(first.done).not.toEqual([]);
  expect(first.findings).toEqual(["Store -: give the bind DN the right to read groups"]);
  expect(tell(await world.apply()).findings).toEqual(first.findings);
  expect(checks()).toBe(1);
});

test("a store is checked again with a full comparison", async () => {
  const found = ["restore the controller"];
  const { world } = checked(() => found);
  await world.apply();
  found.length = 0;
  expect(tell(await world.apply({ full: true })).findings).toEqual([]);
});

test("a check that fails says nothing: the run meets the same, or does its work", async () => {
  const { world } = checked(() => {
    throw new StoreError("Denied", "cannot read the root DSE");
  });
  const { done, findings } = tell(await world.apply());
  expect(done).not.toEqual([]);
  expect(findings).toEqual([]);
});
