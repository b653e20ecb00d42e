import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import type { JournalEntry, State } from "../../src/state/state.ts";
import { company, dn, person } from "../support/company.ts";
import { applyThrough, mortalState } from "../support/mortal-state.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

class Killed extends Error {}

/** What happens to a company, and what it must come to however often the process is killed on the way. */
const stories = [
  { what: "somebody joins", happen: (world: World) => world.put(person("new")) },
  {
    what: "somebody is renamed",
    happen: (world: World) => world.edit("Identity/ann", { userName: "zoe" }),
  },
  {
    what: "somebody leaves",
    happen: (world: World) => world.edit("Identity/ann", { lifecycle: { state: "Inactive" } }),
  },
  {
    what: "somebody returns",
    happen: (world: World) => world.edit("Identity/gone", { lifecycle: undefined }),
  },
  {
    what: "an account that somebody else deleted comes back",
    happen: (world: World) => {
      world.edit("Target/people", { outside: { missing: "Repair" } });
      world.store.removeAccount(dn("bob"));
    },
  },
  {
    what: "somebody moves",
    happen: (world: World) => {
      world.edit("Identity/ann", { department: "Sales", emails: [{ value: "ann@sales.example.org" }] });
      world.put(
        {
          kind: "AccessProfile",
          name: "shop",
          spec: { target: { name: "people" }, entitlements: [{ name: "shop", ensure: true }] },
        },
        {
          kind: "BusinessRole",
          name: "sales",
          spec: { members: { when: "identity.department == 'Sales'" }, accessProfiles: [{ name: "shop" }] },
        },
      );
    },
  },
] as const;

const moments = [
  "before what is intended is committed",
  "between that and the store",
  "between two changes of the store",
  "between the store and what came of it",
  "after all was committed",
] as const;

/** A world whose process can be killed once, at one of the moments, counted over the whole run. */
class Mortal {
  readonly store = new MemoryStore();
  readonly world: World;
  #killAt: { readonly moment: (typeof moments)[number]; left: number } | undefined;

  constructor() {
    this.world = new World(this.store, { state: (state) => this.#mortal(state) });
  }

  kill(moment: (typeof moments)[number], after: number): void {
    this.#killAt = { moment, left: after };
    this.store.faults = {
      refuse: () => this.#die("between that and the store"),
      losesAnswer: () => {
        this.#die("between two changes of the store");
        return false;
      },
    };
  }

  /** Whether the process died. */
  async run(): Promise<boolean> {
    try {
      await this.world.apply();
      return false;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return true;
    } finally {
      this.#killAt = undefined;
      this.store.faults = {};
      this.world.restart();
    }
  }

  #die(moment: (typeof moments)[number]): undefined {
    if (this.#killAt?.moment !== moment || this.#killAt.left-- > 0) return undefined;
    throw new Killed();
  }

  #mortal(state: State): State {
    const around = async <T>(
      before: (typeof moments)[number],
      work: () => Promise<T>,
      after: (typeof moments)[number],
    ) => {
      this.#die(before);
      const result = await work();
      this.#die(after);
      return result;
    };
    return new Proxy(state, {
      get: (target, property) => {
        const member = Reflect.get(target, property, target) as unknown;
        if (typeof member !== "function") return member;
        const call = member.bind(target) as (...given: unknown[]) => Promise<unknown>;
        if (property === "begin")
          return (...given: unknown[]) => around(moments[0], () => call(...given), moments[1]);
        if (property === "finish")
          return (...given: unknown[]) => around(moments[3], () => call(...given), moments[4]);
        return call;
      },
    });
  }
}

async function begun(): Promise<Mortal> {
  const mortal = new Mortal();
  const { world } = mortal;
  world.put(...company(), person("ann"), person("bob"), person("gone"));
  await world.apply();
  world.edit("Identity/gone", { lifecycle: { state: "Inactive" } });
  await world.apply();
  world.restart();
  return mortal;
}

const picture = (store: MemoryStore) => ({
  accounts: [...store.accounts.values()].map(({ anchor: _, ...account }) => account),
  entitlements: [...store.entitlements.values()].map(({ name, members }) => [
    name,
    [...members].map((anchor) => store.accounts.get(anchor)?.name).sort(),
  ]),
});

describe.each(stories)("killed while $what", ({ happen }) => {
  test.each(moments)(
    "%s: it comes to the same, nothing is done twice, and no line is lost",
    async (moment) => {
      const straight = await begun();
      happen(straight.world);
      await straight.world.apply();
      straight.world.now += 3_600_000;
      await straight.world.apply();
      let died = true;
      for (let after = 0; died; after++) {
        const mortal = await begun();
        const { world, store } = mortal;
        happen(world);
        const before = new Map(store.accounts);
        const told = (await linesOf(world)).length;
        mortal.kill(moment, after);
        died = await mortal.run();
        world.now += 3_600_000;
        await world.apply();
        await world.apply();
        expect(picture(store)).toEqual(picture(straight.store));
        expect(tell(await world.apply())).toMatchObject({ done: [], withheld: [], findings: [] });
        expect(await (await world.state()).openBatches("people")).toEqual([]);
        tellsEverything((await linesOf(world)).slice(told), before, store);
      }
    },
  );
});

test("killed while it forgets who is gone: each is counted against the budget once", async () => {
  for (let after = 0, died = true; died; after++) {
    const kill = { left: Number.POSITIVE_INFINITY };
    const world = new World(undefined, { state: mortalState(() => kill.left-- === 0) });
    world.put(...company(), person("ann"), person("gone"));
    await world.apply();
    world.store.removeAccount(dn("gone"));
    world.edit("Identity/gone", { lifecycle: { state: "Inactive" } });
    kill.left = after;
    died = await applyThrough(world);
    const state = await world.state();
    expect(await state.spent("people", "Removals", 0)).toBe(1);
    expect(await state.linksOf("people", ["gone"])).toEqual([]);
  }
});

/** What the journal tells was done. */
async function linesOf(world: World): Promise<readonly JournalEntry[]> {
  const state = await world.state();
  return (await Array.fromAsync(state.journal({}))).flat().filter((line) => line.result === "Done");
}

/** Each change between the two pictures has its line, and no change has two. */
function tellsEverything(
  lines: readonly JournalEntry[],
  before: MemoryStore["accounts"],
  store: MemoryStore,
): void {
  for (const [anchor, account] of store.accounts) {
    const was = before.get(anchor);
    const told = new Set(lines.filter((line) => line.anchor === anchor).map((line) => line.operation));
    if (!was) expect(told).toContain("Create");
    else if (was.name !== account.name) expect(told).toContain("Update");
    else if (was.enabled !== account.enabled) expect(told).toContain(account.enabled ? "Enable" : "Disable");
  }
  const creates = lines.filter((line) => line.operation === "Create").map((line) => line.name);
  expect(creates).toEqual([...new Set(creates)]);
  const renames = lines.filter((line) => line.operation === "Update" && line.identity === "ann");
  expect(renames.length).toBeLessThanOrEqual(1);
}

test("a rename that was begun and not made is not told as done", async () => {
  const mortal = await begun();
  mortal.world.edit("Identity/ann", { userName: "zoe" });
  mortal.kill("between that and the store", 0);
  expect(await mortal.run()).toBe(true);
  expect(mortal.store.account(dn("ann"))).toBeDefined();
  await mortal.world.apply();
  const lines = (await Array.fromAsync((await mortal.world.state()).journal({ identity: "ann" }))).flat();
  expect(lines.slice(-2).map((line) => line.result)).toEqual(["Failed", "Done"]);
});

test("a membership that was found given after a crash is watched over like any other", async () => {
  const mortal = await begun();
  const { world, store } = mortal;
  const entitlements = [{ name: "lab" }, { name: "door", ensure: true }];
  world.put({ kind: "AccessProfile", name: "lab", spec: { target: { name: "people" }, entitlements } });
  mortal.kill("between the store and what came of it", 0);
  expect(await mortal.run()).toBe(true);
  expect(store.entitlement("door")?.members.size).toBe(2);
  await world.apply();
  store.removeMember("door", dn("ann"));
  expect(tell(await world.apply()).done).toEqual(["Grant ann door"]);
});

test("an account that was found made after a crash does not pass to somebody else under the same id", async () => {
  const mortal = await begun();
  const { world, store } = mortal;
  world.put(person("new"));
  mortal.kill("between the store and what came of it", 0);
  expect(await mortal.run()).toBe(true);
  expect(store.account(dn("new"))).toBeDefined();
  world.edit("Identity/new", { employeeNumber: "somebody else's" });
  const { done, findings } = tell(await world.apply());
  expect(done).toEqual([]);
  expect(findings).toEqual([expect.stringMatching(/^Conflict new: .*another employeeNumber/)]);
});
