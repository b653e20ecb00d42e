import { describe, expect, test } from "vitest";
import { company, person } from "../../test/support/company.ts";
import { manualClock } from "../../test/support/manual-clock.ts";
import { waitFor } from "../../test/support/wait.ts";
import { World } from "../../test/support/world.ts";
import { StoreError } from "../connectors/errors.ts";
import { resolve } from "../resources/resolve.ts";
import { StateError } from "../state/errors.ts";
import { Controller, type ControllerEvent } from "./controller.ts";
import { Engine } from "./engine.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A controller over a World: a step does what is due at the world's time. */
async function controllerOf(world: World, clock = { ...manualClock(), now: () => world.now }) {
  const state = await world.state();
  const stop = new AbortController();
  const engine = new Engine(
    { state, clock, newId: () => crypto.randomUUID(), progress: () => {}, stop: stop.signal },
    world.stores(),
  );
  const events: ControllerEvent[] = [];
  const load = async () => {
    const reading = world.reading();
    const { snapshot, changes } = resolve(reading, world.known, clock.now());
    world.known.apply(changes);
    await engine.load(snapshot);
    return { snapshot, complete: reading.complete };
  };
  const parts = { engine, state, clock, load, random: () => 1, stop: stop.signal };
  const controller = new Controller({ ...parts, tell: (event) => events.push(event) });
  const done = (identity: string) =>
    events.flatMap((event) =>
      event.kind === "Ran"
        ? event.reports.flatMap(({ applied }) =>
            (applied?.done ?? []).filter((item) => item.identity === identity).map((item) => item.operation),
          )
        : [],
    );
  const step = (at?: number) => {
    world.now = at ?? world.now;
    return controller.step();
  };
  /** Steps from one due moment to the next, until nothing is due before `end`. */
  const until = async (end: number) => {
    for (let at = await step(); at <= end; ) at = await step(at);
    world.now = end;
  };
  const edit = (change: (world: World) => void) => {
    change(world);
    controller.manifestsChanged();
  };
  const ran = () => events.filter((event) => event.kind === "Ran").length;
  return { controller, state, stop, events, done, step, until, edit, ran };
}

const target = (more: Record<string, unknown>) =>
  company({ schedule: { every: "15m", fullCompare: "24h" }, ...more });

function account(world: World, uid = "alice") {
  const found = [...world.store.accounts.values()].find(({ name }) => name.startsWith(`uid=${uid},`));
  if (!found) throw new Error(`no account of ${uid}`);
  return found;
}

function tamper(world: World): void {
  world.store.editAccount(account(world).name, { attributes: { mail: ["mallory@example.org"] } });
}

describe("the controller", () => {
  test("converges at its first step, and is next due for its scheduled look", async () => {
    const world = new World().put(...target({}), person("alice"));
    const start = world.now;
    const { step, controller } = await controllerOf(world);
    expect(controller.unseen).toBeUndefined();
    expect(await step()).toBe(start + 15 * minute);
    expect(account(world).attributes.mail).toEqual(["alice@example.org"]);
    expect(controller.unseen).toEqual([]);
  });

  test("applies an edited manifest without scanning the store", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, edit } = await controllerOf(world);
    await step();
    const scans = world.store.calls.get("scan");
    edit(() => world.edit("Identity/alice", { employeeNumber: "E-alice", department: "Sales" }));
    await step();
    expect(account(world).attributes.department).toEqual(["Sales"]);
    expect(world.store.calls.get("scan")).toBe(scans);
  });

  test("reminds of tasks between two scheduled looks, and takes an answer in its turn", async () => {
    const world = new World().put(
      ...company({
        schedule: { every: "720h", fullCompare: "720h" },
        tasks: { owner: "records", due: "30h" },
      }),
      person("alice", { department: "Sales" }),
    );
    const start = world.now;
    const { controller, state, step, until, events } = await controllerOf(world);
    const told = () =>
      events.flatMap((event) =>
        event.kind === "Ran"
          ? event.reports.flatMap(({ tasks }) =>
              tasks.events.map(({ kind, task }) => `${kind} ${task.identity}`),
            )
          : [],
      );
    expect(await step()).toBe(start + 24 * hour);
    await until(start + 31 * hour);
    expect(told()).toEqual(["Opened alice", "Reminded alice", "Overdue alice"]);
    const [task] = await state.tasks();
    const answer = {
      task: task!.name,
      target: "people",
      outcome: "Rejected",
      by: "maria",
      reason: "no",
    } as const;
    const asked = controller.ask({ targets: new Set(["people"]), shown: undefined, answer });
    expect(await step()).toBeGreaterThan(start + 100 * hour);
    expect((await asked)[0]?.guarded.withheld).toMatchObject([{ kind: "Rejected" }]);
  });

  test("repairs drift when the schedule says so, and not before", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, until } = await controllerOf(world);
    const next = await step();
    tamper(world);
    await until(next - 1);
    expect(account(world).attributes.mail).toEqual(["mallory@example.org"]);
    await step(next);
    expect(account(world).attributes.mail).toEqual(["alice@example.org"]);
  });

  test("writes nothing, to the store or the journal, when it has nothing to do", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, until } = await controllerOf(world);
    await step();
    const { writes } = world.store;
    await until(world.now + 2 * day);
    expect(world.store.writes).toBe(writes);
  });

  test("compares everything once a day, whatever the versions say", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { until } = await controllerOf(world);
    await until(world.now + hour);
    const fetched = world.store.calls.get("fetch") ?? 0;
    await until(world.now + 22 * hour);
    expect(world.store.calls.get("fetch") ?? 0).toBe(fetched);
    await until(world.now + 2 * hour);
    expect(world.store.calls.get("fetch") ?? 0).toBe(fetched + 1);
  });

  test("keeps to the schedule across restarts", async () => {
    const world = new World().put(...target({}), person("alice"));
    await (await controllerOf(world)).until(world.now + 3 * hour);
    const before = await (await world.state()).notes("people");
    const again = await controllerOf(world);
    await again.step();
    const after = await (await world.state()).notes("people");
    expect(after.get("lastFullCompare")).toBe(before.get("lastFullCompare"));
    expect(Number(after.get("lastPass"))).toBe(world.now);
  });

  test("knows since when a target has drifted, over restarts, until a look finds nothing", async () => {
    const world = new World().put(...target({ mode: "Observe" }), person("alice"));
    const start = world.now;
    await (await controllerOf(world)).until(start + hour);
    const again = await controllerOf(world);
    await again.until(start + 2 * hour);
    expect(again.controller.driftSince).toEqual(new Map([["people", start]]));
    again.edit(() => world.edit("Target/people", { mode: "Enforce" }));
    await again.step();
    expect(again.controller.driftSince).toEqual(new Map());
    expect((await again.state.notes("people")).get("driftSince")).toBeUndefined();
  });

  test("disables on the day after somebody's last, without being told", async () => {
    const world = new World().put(
      ...target({}),
      person("alice", { lifecycle: { end: "2026-01-01" } }),
      person("bob"),
    );
    const { until } = await controllerOf(world);
    await until(Date.parse("2026-01-01T23:59:59Z"));
    expect(account(world).enabled).toBe(true);
    await until(Date.parse("2026-01-02T00:00:00Z"));
    expect(account(world).enabled).toBe(false);
  });

  test("removes what vanished once that has settled, and not before", async () => {
    const world = new World().put(...target({ limits: { settle: "30s" } }), person("alice"), person("bob"));
    const { step, edit, until } = await controllerOf(world);
    await step();
    edit(() => world.remove("Identity/alice"));
    const due = world.now + 30_000;
    await until(due - 1);
    expect(account(world).enabled).toBe(true);
    await until(due);
    expect(account(world).enabled).toBe(false);
  });

  test("removes nothing while the manifests cannot be read completely, and reads them again by itself", async () => {
    const world = new World().put(...target({}), person("alice"), person("bob"));
    const { step, edit, until } = await controllerOf(world);
    await step();
    edit(() => {
      world.remove("Identity/alice").complete = { ok: false, reason: "a rebase is under way" };
    });
    await until(world.now + hour);
    expect(account(world).enabled).toBe(true);
    world.complete = { ok: true };
    await until(world.now + minute);
    expect(account(world).enabled).toBe(false);
  });

  test("deletes when the grace period is over", async () => {
    const world = new World().put(
      ...target({
        allow: ["Create", "Update", "Disable", "Delete", "Grant", "Revoke"],
        deprovision: { action: "Delete", deleteAfter: "48h" },
        schedule: { every: "200h" },
      }),
      person("alice", { lifecycle: { end: "2026-01-01" } }),
    );
    const { until } = await controllerOf(world);
    await until(Date.parse("2026-01-03T23:59:59Z"));
    expect(account(world).enabled).toBe(false);
    await until(Date.parse("2026-01-04T00:00:00Z"));
    expect(world.store.accounts.size).toBe(0);
  });

  test("asks a store that is down ever more rarely, and goes on when it is back", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, until, ran } = await controllerOf(world);
    world.store.faults = {
      call() {
        throw new StoreError("Unavailable", "cannot reach the store");
      },
    };
    const waits: number[] = [];
    for (let at = await step(); waits.length < 12; at = await step(at)) waits.push(at - world.now);
    expect(waits.slice(0, 3)).toEqual([1_000, 2_000, 4_000]);
    expect(Math.max(...waits)).toBe(5 * minute);
    const tries = ran();
    world.store.faults = {};
    await until(world.now + 5 * minute);
    expect(account(world).enabled).toBe(true);
    expect(ran()).toBe(tries + 1);
  });

  test("does not make others wait for a store that is down", async () => {
    const world = new World().put(
      ...target({}),
      { kind: "Store", name: "other", spec: { memory: { name: "other" } } },
      person("alice"),
    );
    const { step, edit } = await controllerOf(world);
    world.store.faults = {
      call() {
        throw new StoreError("Unavailable", "cannot reach the store");
      },
    };
    await step();
    const calls = world.store.calls.get("fingerprint");
    edit(() => world.edit("Identity/alice", { title: "Professor" }));
    await step();
    expect(world.store.calls.get("fingerprint")).toBe(calls);
  });

  test("forgets no mark when the store fails in the middle", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, edit, until } = await controllerOf(world);
    await step();
    world.store.faults = {
      call(call) {
        if (call === "fetch") throw new StoreError("Unavailable", "cannot reach the store");
      },
    };
    edit(() => world.edit("Identity/alice", { department: "Sales" }));
    await step();
    world.store.faults = {};
    await until(world.now + 10_000);
    expect(account(world).attributes.department).toEqual(["Sales"]);
  });

  test("tries again what the store refused, with growing pauses", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, until } = await controllerOf(world);
    let refusals = 0;
    world.store.faults = {
      refuse: () => (refusals++ < 4 ? new StoreError("Retryable", "busy") : undefined),
    };
    const first = await step();
    expect(first - world.now).toBe(5_000);
    const second = await step(first);
    expect(second - world.now).toBe(10_000);
    await until(world.now + hour);
    expect(account(world).enabled).toBe(true);
  });

  test("tries a target where most changes fail with one change at a time, until one is done", async () => {
    const people = Array.from({ length: 12 }, (_, number) => person(`p${number}`));
    const world = new World().put(...target({}), ...people);
    const { until, controller } = await controllerOf(world);
    let tried = 0;
    let broken = true;
    world.store.faults = {
      refuse() {
        tried++;
        return broken ? new StoreError("Denied", "the credential lacks a right") : undefined;
      },
    };
    await until(world.now + hour);
    expect(controller.quarantined.has("people")).toBe(true);
    expect((await (await world.state()).notes("people")).get("quarantine")).toBeDefined();
    const before = tried;
    await until(world.now + 10 * day);
    expect(tried - before).toBeGreaterThan(5);
    expect(tried - before).toBeLessThan(25);
    broken = false;
    await until(world.now + day);
    expect(controller.quarantined.size).toBe(0);
    expect(world.store.accounts.size).toBe(12);
  });

  test("applies a held change as soon as it is approved", async () => {
    const people = ["a", "b", "c", "d"].map((name) => person(name));
    const limits = { removals: { percent: 0, atLeast: 1, atMost: 1 }, settle: "0s" };
    const world = new World().put(...target({ limits }), ...people);
    const { step, edit, state, controller } = await controllerOf(world);
    await step();
    edit(() => world.remove("Identity/a", "Identity/b"));
    await step();
    expect(account(world, "a").enabled).toBe(true);
    const [hold] = await state.holds("people");
    await state.approve(hold?.hash ?? "", "charles", world.now);
    const asked = controller.ask({ targets: new Set(["people"]), shown: undefined });
    await step();
    const [report] = await asked;
    expect(report?.applied?.done.map((item) => item.operation)).toEqual(
      expect.arrayContaining(["Disable", "Disable"]),
    );
    expect(account(world, "b").enabled).toBe(false);
  });

  test("adopts what a person was shown, when the plan that showed it is to be applied", async () => {
    const world = new World().put(...target({}), person("alice"));
    world.store.addAccount("uid=alice,ou=people,dc=example,dc=org", { employeeNumber: ["E-alice"] });
    const { step, controller, done } = await controllerOf(world);
    await step();
    expect(done("alice")).toEqual([]);
    const [report] = await world.plan();
    const withheld = report?.guarded.withheld ?? [];
    const shown = new Set(
      [...(report?.guarded.items ?? []), ...withheld.map(({ item }) => item)].map(({ hash }) => hash),
    );
    controller.ask({ shown });
    await step();
    expect(done("alice")).toContain("Adopt");
  });

  test("waits for a state that is away, and opens everything anew when it is back", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, edit, state, events } = await controllerOf(world);
    await step();
    const begin = state.begin.bind(state);
    state.begin = () => Promise.reject(new StateError("Unavailable", "cannot reach the state"));
    edit(() => world.edit("Identity/alice", { department: "Sales" }));
    const again = await step();
    expect(events.at(-1)).toMatchObject({ kind: "Failed", error: { kind: "Unavailable" } });
    state.begin = begin;
    await step(again);
    expect(account(world).attributes.department).toEqual(["Sales"]);
  });

  test("tells who answers a task while the state is away, and leaves nobody waiting", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, controller, state } = await controllerOf(world);
    await step();
    state.tasks = () => Promise.reject(new StateError("Unavailable", "cannot reach the state"));
    const answer = { task: "people-1", target: "people", outcome: "Completed", by: "maria" } as const;
    const asked = controller.ask({ shown: undefined, answer }).catch(String);
    await step();
    expect(await Promise.race([asked, "nobody was told"])).toContain("cannot reach the state");
  });

  test("tells who answers a task that is closed by the time it is their turn, and goes on", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { step, controller } = await controllerOf(world);
    const answer = { task: "people-1", target: "people", outcome: "Completed", by: "maria" } as const;
    const asked = controller.ask({ shown: undefined, answer }).catch(String);
    await step();
    expect(await asked).toContain("there is no task people-1 of target people");
    expect(account(world).enabled).toBe(true);
  });

  test("ends when another process has taken the state", async () => {
    const world = new World().put(...target({}), person("alice"));
    const { controller, state } = await controllerOf(world);
    state.begin = () => Promise.reject(new StateError("Locked", "another process writes"));
    const asked = controller.ask({ shown: undefined });
    await expect(controller.run()).rejects.toThrow("another process writes");
    await expect(asked).rejects.toThrow("another process writes");
  });

  test("sleeps until something is due, wakes for an edit at once, and stops when told to", async () => {
    const world = new World().put(...target({}), person("alice"));
    const clock = manualClock({ hurry: -1 });
    const { controller, edit, stop } = await controllerOf(world, clock);
    const running = controller.run();
    await waitFor(() => clock.slept.length === 1);
    edit(() => world.edit("Identity/alice", { department: "Sales" }));
    await waitFor(() => clock.slept.length === 2);
    expect(account(world).attributes.department).toEqual(["Sales"]);
    tamper(world);
    for (let minutes = 0; minutes < 15; minutes++) {
      const naps = clock.slept.length;
      clock.advance(minute);
      await waitFor(() => clock.slept.length > naps);
    }
    expect(account(world).attributes.mail).toEqual(["alice@example.org"]);
    stop.abort();
    await running;
    await expect(controller.ask({ shown: undefined })).rejects.toThrow("stopping");
  });
});
