import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import type { State } from "../../src/state/state.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

class Killed extends Error {}

const moments = [
  "before the password is delivered",
  "between the delivery and the store",
  "between the store and what came of it",
  "when all was committed",
] as const;
type Moment = (typeof moments)[number];

/** A world that dies once, at a moment of its next run that sets a password. */
function mortal(moment: Moment, target: Record<string, unknown>): { world: World; kill: () => void } {
  let armed: Moment | undefined;
  const die = (at: Moment) => {
    if (armed !== at) return;
    armed = undefined;
    throw new Killed();
  };
  const world = new World(new MemoryStore(), { state: (state) => dying(state, die) });
  world.desk.before = () => die("before the password is delivered");
  world.desk.after = () => die("between the delivery and the store");
  world.put(...company(target));
  return {
    world,
    kill: () => {
      armed = moment;
    },
  };
}

/** Dies before or after the end of a batch is committed. */
function dying(state: State, die: (at: Moment) => void): State {
  return new Proxy(state, {
    get: (of, property) => {
      const member = Reflect.get(of, property, of) as unknown;
      if (typeof member !== "function") return member;
      if (property !== "finish") return member.bind(of);
      return async (result: Parameters<State["finish"]>[0]) => {
        if (result.batch !== undefined) die("between the store and what came of it");
        await of.finish(result);
        if (result.batch !== undefined) die("when all was committed");
      };
    },
  });
}

async function survive(world: World): Promise<boolean> {
  try {
    await world.apply();
    return false;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return true;
  } finally {
    world.restart();
  }
}

const deliver = { secret: { name: { expression: "identity.userName + '-login'" } } };
const logsIn = (world: World, who: string) =>
  world.store.login(dn(who), world.desk.kept.get(`Secret ${who}-login`) ?? "");

describe.each(moments)("killed %s", (moment) => {
  test("of a new account: it is there once, and what was delivered last is what logs in", async () => {
    const { world, kill } = mortal(moment, { passwords: { initial: { deliver } } });
    world.put(person("ann"));
    kill();
    expect(await survive(world)).toBe(true);
    await world.apply();
    expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [], withheld: [] });
    expect(world.store.accounts.size).toBe(1);
    expect(logsIn(world, "ann")).toBe(true);
    const lines = (await Array.fromAsync((await world.state()).journal({ identity: "ann" }))).flat();
    const creates = lines.filter(({ operation, result }) => operation === "Create" && result === "Done");
    expect(creates).toHaveLength(1);
    const told = JSON.stringify(lines);
    for (const { password } of world.desk.delivered) expect(told).not.toContain(password);
  });

  test("of an account that is enabled again: its old password works no more", async () => {
    const { world, kill } = mortal(moment, { passwords: { initial: { deliver, onEnable: "Reset" } } });
    world.put(person("ann"));
    await world.apply();
    const old = world.desk.kept.get("Secret ann-login") ?? "";
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    kill();
    expect(await survive(world)).toBe(true);
    await world.apply();
    expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [], withheld: [] });
    expect(logsIn(world, "ann")).toBe(true);
    expect(world.store.login(dn("ann"), old)).toBe(false);
  });
});

test("a new account that was made and not yet enabled when the work was cut off is ours, and gets another password", async () => {
  const { world, kill } = mortal("between the store and what came of it", {
    passwords: { initial: { deliver } },
  });
  world.put(person("ann"));
  kill();
  expect(await survive(world)).toBe(true);
  const lost = world.desk.kept.get("Secret ann-login") ?? "";
  world.store.editAccount(dn("ann"), { enabled: false });
  expect(tell(await world.apply()).done).toContain("Enable ann");
  expect(logsIn(world, "ann")).toBe(true);
  expect(world.store.login(dn("ann"), lost)).toBe(false);
});

test("a password that was read and may not have been set is set again, and the journal says that nobody knows", async () => {
  const { world, kill } = mortal("between the store and what came of it", { passwords: { from: deliver } });
  world.desk.kept.set("Secret ann-login", "First-of-All-1");
  world.put(person("ann"));
  await world.apply();
  world.desk.kept.set("Secret ann-login", "Second-of-All-2");
  kill();
  expect(await survive(world)).toBe(true);
  expect(tell(await world.apply()).done).toEqual(["Update ann"]);
  expect(logsIn(world, "ann")).toBe(true);
  const lines = (await Array.fromAsync((await world.state()).journal({ identity: "ann" }))).flat();
  expect(lines.filter(({ operation }) => operation === "Update").map(({ result }) => result)).toEqual([
    "InDoubt",
    "Done",
  ]);
});

test("an account that was made without its password is not enabled while that cannot be read", async () => {
  const { world, kill } = mortal("between the store and what came of it", { passwords: { from: deliver } });
  world.desk.kept.set("Secret ann-login", "First-of-All-1");
  world.put(person("ann"));
  kill();
  expect(await survive(world)).toBe(true);
  world.store.editAccount(dn("ann"), { enabled: false });
  world.desk.kept.clear();
  await world.apply();
  expect(world.store.account(dn("ann"))?.enabled).toBe(false);
  world.desk.kept.set("Secret ann-login", "First-of-All-1");
  await world.apply();
  expect(world.store.account(dn("ann"))?.enabled).toBe(true);
  expect(logsIn(world, "ann")).toBe(true);
});
