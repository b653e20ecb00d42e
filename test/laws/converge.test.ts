import { expect, test } from "vitest";
import { company, person } from "../support/company.ts";
import { World } from "../support/world.ts";

const operations = (reports: Awaited<ReturnType<World["plan"]>>) =>
  reports.flatMap((report) => report.guarded.items.map((item) => `${item.operation} ${item.identity}`));

test("a joiner gets an account and the group of her role, and the second plan is empty", async () => {
  const world = new World().put(...company(), person("alice"));
  const first = await world.apply();
  expect(first[0]?.error).toBeUndefined();
  expect(first[0]?.applied?.failed).toEqual([]);
  expect(operations(first)).toEqual(["Create alice", "Grant alice", "Create "]);
  expect([...world.store.accounts.values()].map((account) => account.name)).toEqual([
    "uid=alice,ou=people,dc=example,dc=org",
  ]);
  const writes = world.store.writes;
  const second = await world.apply();
  expect(operations(second)).toEqual([]);
  expect(second[0]?.guarded.withheld).toEqual([]);
  expect(second[0]?.findings).toEqual([]);
  expect(world.store.writes).toBe(writes);
  world.restart();
  expect(operations(await world.plan())).toEqual([]);
});
