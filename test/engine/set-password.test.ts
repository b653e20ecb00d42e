import { beforeEach, expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import { exportState } from "../../src/state/export.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const deliver = { secret: { name: { expression: "identity.userName + '-login'" } } };
const by = "eve";

let world: World;

async function begin(target: Record<string, unknown> = { passwords: { initial: { deliver } } }) {
  world = new World();
  world.put(...company(target), person("ann"), person("bob"));
  await world.apply();
}
beforeEach(() => begin());

const logsIn = (who: string, password: string | undefined) => world.store.login(dn(who), password ?? "");
const errorOf = async (order: Partial<Parameters<World["setPassword"]>[0]>) =>
  (await world.setPassword({ target: "people", identity: "ann", by, ...order })).error?.message;

test("a password that a person gives is set, and the journal says who and when, and not what", async () => {
  const report = await world.setPassword({ target: "people", identity: "ann", value: "Given-by-Hand-1", by });
  expect(tell([report])).toMatchObject({ done: ["Update ann"], failed: [], errors: [] });
  expect(logsIn("ann", "Given-by-Hand-1")).toBe(true);
  const state = await world.state();
  const lines = (await Array.fromAsync(state.journal({ identity: "ann" }))).flat();
  expect(lines.at(-1)).toMatchObject({
    operation: "Update",
    result: "Done",
    at: world.now,
    reasons: [[{ source: "Person", name: "eve", detail: "set its password" }]],
    patch: [{ op: "add", path: "/password", value: "(given by hand)" }],
  });
  expect((await Array.fromAsync(exportState(state))).join("\n")).not.toContain("Given-by-Hand");
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
  expect(logsIn("ann", "Given-by-Hand-1")).toBe(true);
});

test("a reset generates another, delivers it first, and must be changed as the target says", async () => {
  const first = world.desk.kept.get("Secret ann-login");
  await world.setPassword({ target: "people", identity: "ann", by });
  const second = world.desk.kept.get("Secret ann-login");
  expect(second).not.toBe(first);
  expect([logsIn("ann", first), logsIn("ann", second)]).toEqual([false, true]);
  const { anchor } = world.store.account(dn("ann"))!;
  expect(world.store.passwords.entries.get(anchor)?.mustChange).toBe(true);
  world.desk.before = () => {
    throw new StoreError("Denied", "cannot write Secret ann-login");
  };
  const report = await world.setPassword({ target: "people", identity: "ann", by });
  expect(tell([report]).failed.join()).toContain("cannot write Secret ann-login");
  expect(logsIn("ann", second)).toBe(true);
});

test("what the store refuses is told with its rule", async () => {
  const report = await world.setPassword({ target: "people", identity: "ann", value: "short", by });
  expect(tell([report]).failed).toEqual([expect.stringContaining("Invalid: cannot set the password")]);
  expect(JSON.stringify(tell([report]))).not.toContain('"short"');
});

test("who has no account, no target or no place for it is told so", async () => {
  expect(await errorOf({ identity: "nobody" })).toContain("nobody has no account in target people");
  expect(await errorOf({ target: "elsewhere" })).toContain("no target elsewhere is looked after");
  await begin({});
  expect(await errorOf({})).toContain("see its spec.passwords.initial, or set one yourself");
  expect(await errorOf({ value: "Given-by-Hand-1" })).toBeUndefined();
});

test("one that is given needs no place to go to", async () => {
  await begin({
    passwords: { initial: { deliver: { secret: { name: { expression: "identity.userName" } } } } },
  });
  const name = { expression: "identity.title" };
  world.edit("Target/people", { passwords: { initial: { deliver: { secret: { name } } } } });
  expect(await errorOf({})).toContain("identity.title is absent");
  expect(await errorOf({ value: "Given-by-Hand-1" })).toBeUndefined();
});

test("one that stands somewhere is changed there", async () => {
  world.edit("Target/people", { passwords: { from: deliver } });
  expect(await errorOf({ value: "Given-by-Hand-1" })).toContain("change it there");
});

test("the guard holds: protected accounts, targets that observe or may not update, a limit", async () => {
  const value = "Given-by-Hand-1";
  world.edit("Target/people", { mode: "Observe" });
  expect(await errorOf({ value })).toContain("only observes");
  world.edit("Target/people", { mode: "Enforce", allow: ["Create"] });
  expect(await errorOf({ value })).toContain("not in the target's allow");
  world.edit("Target/people", { allow: ["Update"], limits: { updates: { atMost: 0 } } });
  expect(await errorOf({ value })).toContain("the limit is 0");
  world.edit("Target/people", { limits: {} });
  world.edit("Store/directory", { protected: [dn("ann")] });
  expect(await errorOf({ value })).toContain("is protected");
  expect(logsIn("ann", value)).toBe(false);
});

test("a target that is suspended meanwhile is left alone", async () => {
  world.edit("Target/people", { suspend: true });
  expect(await errorOf({ value: "Given-by-Hand-1" })).toContain("not suspended");
  expect(logsIn("ann", "Given-by-Hand-1")).toBe(false);
});

test("somebody else under the same id gets no password for the account, nor does who was cut from it", async () => {
  world.edit("Identity/ann", { employeeNumber: "E-other", userName: "newcomer" });
  expect(await errorOf({})).toContain("somebody else under the same id");
  expect([...world.desk.kept.keys()]).not.toContain("Secret newcomer-login");
  const { anchor } = world.store.account(dn("ann"))!;
  world.edit("Identity/ann", { links: [{ target: "people", anchor }] });
  expect(await errorOf({})).toBeUndefined();
  world.edit("Identity/bob", { links: [{ target: "people", cut: "Cut" }] });
  expect(await errorOf({ identity: "bob" })).toContain("is cut from bob");
});

test("a name that is another's id means neither of them", async () => {
  world.put(person("eve", { id: "x-1" }), person("dan", { id: "eve" }));
  await world.apply();
  const value = "Given-by-Hand-1";
  expect(await errorOf({ identity: "eve", value })).toContain("say dan for the one, x-1 for the other");
  expect([logsIn("eve", value), logsIn("dan", value)]).toEqual([false, false]);
  expect(await errorOf({ identity: "x-1", value })).toBeUndefined();
  expect([logsIn("eve", value), logsIn("dan", value)]).toEqual([true, false]);
});

test("one that a person gave, and of which nobody knows whether it was set, is not put in another's place", async () => {
  world.store.faults = { losesAnswer: () => true };
  const delivered = world.desk.delivered.length;
  await world.setPassword({ target: "people", identity: "ann", value: "Given-by-Hand-1", by });
  world.store.faults = {};
  world.restart();
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], findings: [] });
  expect(logsIn("ann", "Given-by-Hand-1")).toBe(true);
  expect(world.desk.delivered).toHaveLength(delivered);
  const lines = (await Array.fromAsync((await world.state()).journal({ identity: "ann" }))).flat();
  expect(lines.at(-1)).toMatchObject({
    result: "InDoubt",
    error: expect.stringContaining("give it once more"),
  });
});

test("what else differs of the account is not forgotten over it", async () => {
  world.store.editAccount(dn("ann"), { attributes: { mail: ["drifted@example.org"] } });
  await world.setPassword({ target: "people", identity: "ann", value: "Given-by-Hand-1", by });
  expect(tell(await world.apply()).done).toEqual(["Update ann"]);
  expect(world.store.account(dn("ann"))?.attributes.mail).toEqual(["ann@example.org"]);
  expect(logsIn("ann", "Given-by-Hand-1")).toBe(true);
});
