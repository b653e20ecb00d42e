import { expect, test } from "vitest";
import { company, dn, person } from "../../test/support/company.ts";
import { manualClock } from "../../test/support/manual-clock.ts";
import { World } from "../../test/support/world.ts";
import { StoreError } from "../connectors/errors.ts";
import { resolve } from "../resources/resolve.ts";
import { Controller } from "./controller.ts";
import { Engine } from "./engine.ts";

const hour = 3_600_000;
const deliver = { secret: { name: { expression: "identity.userName + '-login'" } } };

/** A controller over a company that gives initial passwords. */
async function controllerOf(...people: readonly string[]) {
  const world = new World().put(
    ...company({ passwords: { initial: { deliver } }, schedule: { every: "15m", fullCompare: "24h" } }),
    ...people.map((name) => person(name)),
  );
  const state = await world.state();
  const clock = { ...manualClock(), now: () => world.now };
  const stop = new AbortController();
  const parts = { state, clock, newId: () => crypto.randomUUID(), progress: () => {}, stop: stop.signal };
  const engine = new Engine(parts, world.stores());
  const load = async () => {
    const reading = world.reading();
    const { snapshot, changes } = resolve(reading, world.known, clock.now());
    world.known.apply(changes);
    await engine.load(snapshot);
    return { snapshot, complete: reading.complete };
  };
  const controller = new Controller({
    ...{ engine, state, clock, load, random: () => 0.5, stop: stop.signal, tell: () => {} },
  });
  /** Steps from one due moment to the next. */
  const until = async (end: number) => {
    for (let at = await controller.step(); at <= end; at = await controller.step()) world.now = at;
    world.now = end;
  };
  return { world, controller, until, stop };
}

test("a store that refuses every password gets ever fewer, and so does whoever they are delivered to", async () => {
  const { world, until } = await controllerOf("ann");
  world.store.faults = { refuse: () => new StoreError("Invalid", "it has been used before") };
  const begin = world.now;
  await until(begin + hour);
  const first = world.desk.delivered.length;
  expect(first).toBeGreaterThan(2);
  expect(first).toBeLessThan(10);
  await until(begin + 24 * hour);
  expect(world.desk.delivered.length - first).toBeLessThanOrEqual(23);
  world.store.faults = {};
  await until(begin + 48 * hour);
  expect(world.store.login(dn("ann"), world.desk.kept.get("Secret ann-login") ?? "")).toBe(true);
});

test("a store that is away for a day gets no password delivered", async () => {
  const { world, until } = await controllerOf("ann");
  world.store.faults = {
    call: () => {
      throw new StoreError("Unavailable", "cannot reach the store");
    },
  };
  await until(world.now + 24 * hour);
  expect(world.desk.delivered).toEqual([]);
});

test("a person's order is done between two runs; what cannot be is told, and the controller goes on", async () => {
  const { world, controller, until } = await controllerOf("ann");
  await until(world.now + 1_000);
  const ask = async (order: { readonly target?: string; readonly value?: string }) => {
    const password = { target: "people", identity: "ann", by: "eve", ...order };
    const answer = controller.ask({ shown: undefined, password });
    await controller.step();
    const [report] = await answer;
    return report;
  };
  world.store.faults = { refuse: () => new StoreError("Invalid", "it has been used before") };
  expect((await ask({}))?.applied?.failed).toHaveLength(1);
  world.store.faults = {};
  expect(await ask({ value: "Given-by-Hand-1" })).toMatchObject({ error: undefined });
  expect(world.store.login(dn("ann"), "Given-by-Hand-1")).toBe(true);
  expect(await ask({})).toMatchObject({ error: undefined });
  expect(world.store.login(dn("ann"), world.desk.kept.get("Secret ann-login") ?? "")).toBe(true);
  expect((await ask({ target: "elsewhere" }))?.error?.message).toContain("no target elsewhere");
  expect((await ask({ value: "short" }))?.applied?.failed).toHaveLength(1);
  world.put(person("bob"));
  controller.manifestsChanged();
  await controller.step();
  expect(world.store.account(dn("bob"))).toBeDefined();
});

test("who does not lead any longer delivers no more, whatever was begun: the next leader's would be overwritten", async () => {
  const people = Array.from({ length: 40 }, (_, n) => `p${n}`);
  const { world, controller, stop } = await controllerOf(...people);
  world.desk.after = () => stop.abort();
  await controller.step();
  expect(world.desk.delivered.length).toBeLessThanOrEqual(8);
  expect(world.store.accounts.size).toBe(world.desk.delivered.length);
});
