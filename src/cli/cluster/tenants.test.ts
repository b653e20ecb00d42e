import { pino } from "pino";
import { expect, test } from "vitest";
import { manualClock } from "../../../test/support/manual-clock.ts";
import { waitFor } from "../../../test/support/wait.ts";
import { Tenants } from "./tenants.ts";

/** Two namespaces that are there, others that turn up, and the process that looks after them. */
class World {
  readonly clock = manualClock({ hurry: 0 });
  readonly listeners = new Set<(namespace: string) => void>();
  readonly tries: string[] = [];
  /** Those that cannot be begun, or end after a while. */
  readonly broken = new Map<string, Error>();
  readonly ends = new Map<string, (error: Error) => void>();
  readonly tenants = new Tenants({
    source: {
      namespaces: () => ["acme", "globex"],
      onNamespace: (found, signal) => {
        this.listeners.add(found);
        signal.addEventListener("abort", () => this.listeners.delete(found));
      },
    },
    run: (namespace, stop, underWay) => this.#run(namespace, stop, underWay),
    clock: this.clock,
    random: () => 0.5,
    log: pino({ level: "silent" }),
  });

  /** Leads until the function that it gives is called and awaited. */
  lead(): () => Promise<void> {
    const stop = new AbortController();
    const ended = this.tenants.run(stop.signal);
    return () => {
      stop.abort();
      return ended;
    };
  }

  async #run(namespace: string, stop: AbortSignal, underWay: () => void): Promise<void> {
    this.tries.push(namespace);
    const error = this.broken.get(namespace);
    if (error) throw error;
    underWay();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stop.addEventListener("abort", () => resolve(), { once: true });
    this.ends.set(namespace, reject);
    await promise;
  }
}

test("each namespace is looked after, those that turn up later too, until the term ends; nobody listens after that", async () => {
  const world = new World();
  for (let term = 0; term < 3; term++) {
    const end = world.lead();
    for (const listener of world.listeners) for (const name of ["initech", "acme"]) listener(name);
    await end();
    expect(world.tries.splice(0)).toEqual(["acme", "globex", "initech"]);
    expect(world.listeners.size).toBe(0);
  }
});

test("one that cannot be looked after is failing until it is under way, is tried ever more rarely, and hinders no other", async () => {
  const world = new World();
  const { tenants, clock, tries, broken } = world;
  broken.set("acme", new Error("its state is lost"));
  const end = world.lead();
  for (const [index, wait] of [1_500, 3_000, 6_000].entries()) {
    await waitFor(() => clock.slept.length === index + 1);
    expect(clock.slept[index]).toBe(wait);
    expect([...tenants.failing]).toEqual([["acme", "its state is lost"]]);
    if (index === 2) broken.clear();
    clock.advance(wait);
  }
  await waitFor(() => tries.length === 5);
  expect(tenants.failing.size).toBe(0);
  expect(tries.filter((name) => name === "globex")).toHaveLength(1);
  await end();
});

test("one that failed after it had gone well for long is tried again soon; who stands by has none that fail", async () => {
  const world = new World();
  const { tenants, clock, broken, ends, tries } = world;
  broken.set("acme", new Error("away"));
  const end = world.lead();
  await waitFor(() => clock.slept.length === 1);
  broken.clear();
  clock.advance(1_500);
  await waitFor(() => ends.has("acme") && tries.length === 3);
  clock.advance(3_600_000);
  ends.get("acme")!(new Error("its lock was lost"));
  await waitFor(() => clock.slept.length === 2);
  expect(clock.slept[1]).toBe(1_500);
  await end();
  expect(tenants.failing.size).toBe(0);
});
