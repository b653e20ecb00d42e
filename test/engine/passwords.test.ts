import { beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { images } from "../../src/report/patch.ts";
import { exportState } from "../../src/state/export.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const initial = {
  deliver: { secret: { name: { expression: "identity.userName + '-login'" } } },
};
const from = { secret: { name: { expression: "identity.userName + '-login'" } } };

let world: World;

function begin(passwords: Record<string, unknown> | undefined, target: Record<string, unknown> = {}): void {
  world = new World();
  world.put(...company({ ...target, ...(passwords && { passwords }) }));
}

const logsIn = (who: string, password: string | undefined) => world.store.login(dn(who), password ?? "");
const delivered = (who: string) => world.desk.kept.get(`Secret ${who}-login`);

describe("an initial password", () => {
  beforeEach(() => begin({ initial }));

  test("is delivered before the account is made with it, and is the one that logs in", async () => {
    world.put(person("ann"));
    world.desk.after = () => expect(world.store.account(dn("ann"))).toBeUndefined();
    expect(tell(await world.apply()).done).toContain("Create ann");
    expect(delivered("ann")).toHaveLength(20);
    expect(logsIn("ann", delivered("ann"))).toBe(true);
    expect(world.desk.delivered).toMatchObject([
      { target: "people", store: "directory", identity: "ann", account: dn("ann"), mustChange: true },
    ]);
  });

  test("is shown by where it goes, in the plan and in the journal, and is the same plan each time", async () => {
    world.put(person("ann"));
    const [first] = await world.plan();
    const [second] = await world.plan();
    expect(first?.hash).toBe(second?.hash);
    const create = first?.guarded.items.find((item) => item.operation === "Create");
    expect(create && images(create).after.password).toBe("(generated, to Secret ann-login)");
    expect(world.desk.delivered).toEqual([]);
    await world.apply();
    const state = await world.state();
    const lines = (await Array.fromAsync(state.journal({ identity: "ann" }))).flat();
    expect(JSON.stringify(lines)).toContain("(generated, to Secret ann-login)");
    const kept = (await Array.fromAsync(exportState(state))).join("\n");
    expect(kept).not.toContain(delivered("ann"));
  });

  test("is given once: what follows changes nothing of it", async () => {
    world.put(person("ann"));
    await world.apply();
    world.edit("Identity/ann", { emails: [{ value: "new@example.org" }] });
    await world.apply({ full: true });
    world.restart();
    expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
    expect(world.desk.delivered).toHaveLength(1);
  });

  test("is not given to accounts that are adopted, nor to those that were made before the target gave any", async () => {
    begin(undefined);
    world.put(person("old"));
    await world.apply();
    world.edit("Target/people", { passwords: { initial } });
    world.store.addAccount(dn("bob"), { employeeNumber: ["E-bob"] });
    world.put(person("bob"));
    await world.applyShown();
    await world.apply({ full: true });
    expect(world.desk.delivered).toEqual([]);
  });

  test("that cannot be delivered makes no account, says why, and is tried again", async () => {
    world.put(person("ann"), person("bob"));
    let tries = 0;
    world.desk.before = () => {
      tries++;
      throw new StoreError("Unavailable", "cannot reach the API server: see that it is up");
    };
    const [report] = await world.apply();
    expect(report?.applied?.failed.map(({ item, error }) => [item.identity, error])).toEqual(
      ["ann", "bob"].map((who) => [who, expect.stringContaining("cannot reach the API server")]),
    );
    expect(world.store.accounts.size).toBe(0);
    expect(tries).toBeLessThanOrEqual(8);
    world.desk.before = () => {};
    await world.apply();
    expect(logsIn("ann", delivered("ann")) && logsIn("bob", delivered("bob"))).toBe(true);
  });

  test("of one account that cannot be delivered leaves the others theirs", async () => {
    world.put(person("ann"), person("bob"));
    world.desk.before = ({ identity }) => {
      if (identity === "ann") throw new StoreError("Denied", "cannot write Secret ann-login: it is not ours");
    };
    const told = tell(await world.apply());
    expect(told.done).toContain("Create bob");
    expect(told.failed).toEqual(expect.arrayContaining([expect.stringContaining("Create ann")]));
    expect(world.store.account(dn("ann"))).toBeUndefined();
  });

  test("of one account that the store is too busy for leaves the others theirs while it is waited for", async () => {
    const isAnn = (change: object) => "name" in change && change.name === dn("ann");
    const busy = new StoreError("Unavailable", "busy");
    world.store.faults = { refuse: (change) => (isAnn(change) ? busy : undefined) };
    world.put(person("ann"));
    await world.apply();
    world.put(person("bob"));
    expect(tell(await world.apply()).done).toContain("Create bob");
    expect(logsIn("bob", delivered("bob"))).toBe(true);
  });

  test("of one account that the place cannot take leaves the others theirs; a place that takes none is not asked for each", async () => {
    let asked = 0;
    const failing = (who: RegExp) => {
      world.desk.before = ({ identity }) => {
        asked++;
        if (who.test(identity)) throw new StoreError("Unavailable", "it answered 500");
      };
    };
    const people = Array.from({ length: 40 }, (_, n) => person(`p${n}`));
    world.put(...people);
    failing(/./);
    expect(tell(await world.apply()).failed).toHaveLength(40);
    expect(asked).toBeLessThanOrEqual(16);
    failing(/^p0$/);
    const { done, failed } = tell(await world.apply());
    expect(done.filter((each) => each.startsWith("Create p"))).toHaveLength(39);
    expect(failed).toEqual([expect.stringMatching(/^Create p0: .*500/)]);
  });

  test("is not delivered while the store is away", async () => {
    world.put(person("ann"));
    world.store.faults = {
      call: () => {
        throw new StoreError("Unavailable", "cannot reach the store");
      },
    };
    for (let time = 0; time < 3; time++) await world.apply();
    expect(world.desk.delivered).toEqual([]);
  });

  test("that the store refuses is reported with its rule, and the next one is another", async () => {
    world.put(person("ann"));
    world.store.faults = {
      refuse: () => new StoreError("Invalid", "cannot set the password of ann: it is in the history"),
    };
    const [report] = await world.apply();
    expect(report?.applied?.failed[0]).toMatchObject({ kind: "Invalid" });
    expect(report?.applied?.failed[0]?.error).toContain("it is in the history");
    const first = delivered("ann");
    world.store.faults = {};
    // Who receives them is to get a few, not one with every retry.
    const [soon] = await world.apply();
    expect(soon?.applied?.failed[0]?.error).toMatch(
      /it is in the history; another password is made after .*:30/,
    );
    expect(world.desk.delivered).toHaveLength(1);
    world.now += 60_000;
    await world.apply();
    expect(delivered("ann")).not.toBe(first);
    expect(logsIn("ann", delivered("ann"))).toBe(true);
  });

  test("is left out where the expression gives null, and holds the account where it errs", async () => {
    const name = { expression: "identity.userName == 'bot' ? null : identity.title + '-login'" };
    begin({ initial: { deliver: { secret: { name } } } });
    world.put(person("bot"), person("ann"));
    const told = tell(await world.apply());
    expect(told.done).toContain("Create bot");
    expect(told.findings.join()).toContain("is not created without its password");
    expect(world.desk.delivered).toEqual([]);
    expect(world.store.account(dn("ann"))).toBeUndefined();
  });

  test("is waited for where what its place is made of is absent, and not left out", async () => {
    begin({ initial: { deliver: { secret: { name: { expression: "identity.title" } } } } });
    world.put(person("ann"));
    expect(tell(await world.apply()).findings.join()).toContain("identity.title is absent");
    expect(world.store.accounts.size).toBe(0);
  });

  test("comes anew with a return only where the target says so", async () => {
    for (const [onEnable, deliveries] of [
      ["Keep", 1],
      ["Reset", 2],
    ] as const) {
      begin({ initial: { ...initial, onEnable } });
      world.put(person("ann"));
      await world.apply();
      const first = delivered("ann");
      world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
      await world.apply();
      expect(world.store.account(dn("ann"))?.enabled).toBe(false);
      world.edit("Identity/ann", { lifecycle: undefined });
      expect(tell(await world.apply()).done).toContain("Enable ann");
      expect(world.desk.delivered).toHaveLength(deliveries);
      expect(logsIn("ann", first)).toBe(onEnable === "Keep");
      expect(logsIn("ann", delivered("ann"))).toBe(true);
    }
  });
});

test("an account that an identity is pinned to keeps its password, whatever was unknown of the one before", async () => {
  begin({ initial });
  world.put(person("ann"));
  await world.apply();
  world.store.addAccount(dn("other"), {});
  const { anchor } = world.store.account(dn("other"))!;
  world.store.faults = { losesAnswer: () => true };
  await world.setPassword({ target: "people", identity: "ann", by: "eve" });
  world.store.faults = {};
  const many = world.desk.delivered.length;
  world.edit("Identity/ann", { userName: "other", links: [{ target: "people", anchor }] });
  await world.apply();
  world.restart();
  await world.apply({ full: true });
  expect(world.store.passwords.entries.get(anchor)).toBeUndefined();
  expect(world.desk.delivered).toHaveLength(many);
});

test("one that stands somewhere is not called changed because it takes the place of another kind of it", async () => {
  begin({ initial });
  world.put(person("ann"));
  await world.apply();
  world.edit("Target/people", { passwords: { from } });
  const [plan] = await world.plan();
  expect(images(plan!.guarded.items[0]!).after.password).toBe("(from Secret ann-login)");
});

test("two accounts with one password are not told by what is remembered of it", async () => {
  begin({ from });
  for (const who of ["ann", "bob"]) {
    world.desk.kept.set(`Secret ${who}-login`, "First-of-All-1");
    world.put(person(who));
  }
  await world.apply();
  const links = await (await world.state()).linksOf("people", ["ann", "bob"]);
  expect(new Set(links.map(({ password }) => password)).size).toBe(2);
});

test("who is to come back with a new password does not with the old one, where it cannot be told where the new one goes", async () => {
  const name = { expression: "identity.title + '-login'" };
  begin({ initial: { onEnable: "Reset", deliver: { secret: { name } } } });
  world.put(person("ann", { title: "x" }));
  await world.apply();
  world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
  await world.apply();
  world.edit("Identity/ann", { lifecycle: undefined, title: undefined, department: "Sales" });
  const told = tell(await world.apply());
  expect(told.findings.join()).toContain("is not enabled without a new password");
  expect(told.done).not.toContain("Enable ann");
  expect(world.store.account(dn("ann"))).toMatchObject({
    enabled: false,
    attributes: { department: ["Sales"] },
  });
});

test("a batch whose passwords are delivered is small: a store that goes away meanwhile costs no more than that", async () => {
  begin({ initial });
  world.put(...Array.from({ length: 450 }, (_, n) => person(`p${n}`)));
  let creates = 0;
  world.store.faults = {
    refuse: () => (++creates > 100 ? new StoreError("Unavailable", "the store went away") : undefined),
  };
  await world.apply();
  expect(world.store.accounts.size).toBe(100);
  // Two batches are under way at once.
  expect(world.desk.delivered.length).toBeLessThanOrEqual(300);
});

describe("a password that stands somewhere", () => {
  beforeEach(() => begin({ from }));

  test("is set with the account, and again whenever it has changed, with nothing of it told", async () => {
    world.desk.kept.set("Secret ann-login", "First-of-All-1");
    world.put(person("ann"));
    await world.apply();
    expect(logsIn("ann", "First-of-All-1")).toBe(true);
    expect(tell(await world.apply())).toMatchObject({ done: [], findings: [] });
    world.desk.kept.set("Secret ann-login", "Second-of-All-2");
    const [plan] = await world.plan();
    const [item] = plan?.guarded.items ?? [];
    expect(item && images(item).after.password).toBe("(from Secret ann-login, changed)");
    expect(JSON.stringify(plan)).not.toMatch(/of-All/);
    expect(tell(await world.apply()).done).toEqual(["Update ann"]);
    expect(logsIn("ann", "Second-of-All-2")).toBe(true);
    expect(tell(await world.apply())).toMatchObject({ done: [], findings: [] });
    const kept = (await Array.fromAsync(exportState(await world.state()))).join("\n");
    expect(kept).not.toMatch(/of-All/);
  });

  test("is noticed after a restart, too", async () => {
    world.desk.kept.set("Secret ann-login", "First-of-All-1");
    world.put(person("ann"));
    await world.apply();
    world.restart();
    expect(tell(await world.apply())).toMatchObject({ done: [], findings: [] });
    world.restart();
    world.desk.kept.set("Secret ann-login", "Second-of-All-2");
    expect(tell(await world.apply()).done).toEqual(["Update ann"]);
  });

  test("is waited for before the account is made; one that vanishes is reported and the account kept as it is", async () => {
    world.put(person("ann"));
    const told = tell(await world.apply());
    expect(told.findings.join()).toContain(
      "is not created without its password: cannot find Secret ann-login",
    );
    expect(world.store.accounts.size).toBe(0);
    world.desk.kept.set("Secret ann-login", "First-of-All-1");
    await world.apply();
    world.desk.kept.clear();
    world.edit("Identity/ann", { emails: [{ value: "new@example.org" }] });
    const later = tell(await world.apply());
    expect(later.done).toEqual(["Update ann"]);
    expect(later.findings.join()).toContain("keeps its password: cannot find Secret ann-login");
    expect(logsIn("ann", "First-of-All-1")).toBe(true);
  });

  test("is set for an account that was adopted: it is declared, not made up", async () => {
    world.desk.kept.set("Secret bob-login", "First-of-All-1");
    world.store.addAccount(dn("bob"), { employeeNumber: ["E-bob"] });
    world.put(person("bob"));
    await world.applyShown();
    expect(logsIn("bob", "First-of-All-1")).toBe(true);
  });

  test("that changes between the plan and its turn is planned anew", async () => {
    world.desk.kept.set("Secret ann-login", "First-of-All-1");
    world.put(person("ann"));
    await world.apply();
    world.desk.kept.set("Secret ann-login", "Second-of-All-2");
    const read = world.desk.read.bind(world.desk);
    let reads = 0;
    world.desk.read = async (place) => {
      // The last read of a run is that of its apply.
      if (++reads === 3) world.desk.kept.set("Secret ann-login", "Third-of-All-3");
      return read(place);
    };
    const told = tell(await world.apply());
    expect(told.failed.join()).toContain("has changed meanwhile");
    expect(logsIn("ann", "First-of-All-1")).toBe(true);
    await world.apply();
    expect(logsIn("ann", "Third-of-All-3")).toBe(true);
  });
});

test("a target whose store cannot set passwords says so", async () => {
  world = new World(new MemoryStore({ capabilities: { passwords: false } }));
  world.put(...company({ passwords: { initial } }), person("ann"));
  expect(tell(await world.apply()).errors.join()).toContain("it cannot set passwords");
});
