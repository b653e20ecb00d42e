import { describe, expect, test } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { imageAfter } from "../../src/engine/intent-image.ts";
import { ByHand, handedBy } from "../support/by-hand.ts";
import { company, dn, mapAttribute, person } from "../support/company.ts";
import { say, tell } from "../support/told.ts";
import { hashesOf, type Tampering } from "../support/world.ts";

const values = (name: string) => ({
  mail: [`${name}@example.org`],
  employeeNumber: [`E-${name}`],
  department: ["Research"],
});

const converged = { done: [], failed: [], left: [], withheld: [], findings: [], errors: [] };

/** A company of these people, whose accounts are made as its tasks ask for. */
async function founded(
  names: readonly string[],
  target: Record<string, unknown> = {},
  tampering: Tampering = {},
  store?: MemoryStore,
): Promise<ByHand> {
  const world = new ByHand(store, tampering);
  world.put(...company({ tasks: { owner: "records" }, ...target }));
  world.put(...names.map((name) => person(name)));
  await world.apply();
  for (const name of names) world.store.addAccount(dn(name), values(name));
  world.store.addEntitlement("lab", names.map(dn));
  await world.apply();
  expect(tell(await world.apply())).toMatchObject(converged);
  expect(await world.open()).toEqual([]);
  world.now += 3_600_000;
  return world;
}

/** What the journal says that updates have set. */
async function updatesOf(world: ByHand): Promise<readonly unknown[]> {
  const updates = (await world.journal()).filter(({ operation }) => operation === "Update");
  return updates.map((line) => imageAfter(line).attributes);
}

describe("a store that people change", () => {
  test("is never written: what is to be done becomes one task for each account", async () => {
    const world = ByHand.with();
    world.put(person("ann"), person("bob"));
    const reports = await world.apply();
    expect(handedBy(reports).toSorted()).toEqual([
      "Create ann",
      "Create bob",
      "Create lab",
      "Grant ann lab",
      "Grant bob lab",
    ]);
    expect(tell(reports)).toMatchObject({ done: [], failed: [], withheld: [] });
    expect((await world.open()).toSorted()).toEqual([
      "ann Open: create; grant lab",
      "bob Open: create; grant lab",
      "lab Open: create",
    ]);
    expect(world.store.accounts.size + world.store.entitlements.size).toBe(0);
    expect(tell(await world.apply()).withheld).toContain("Task: Create ann");
    expect(await world.look()).toEqual([]);
  });

  test("counts as converged when it shows what was asked for, piece by piece, and not before", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const task = await world.taskOf("ann");
    world.store.addAccount(dn("ann"), values("ann"));
    expect(await world.look()).toEqual([]);
    expect((await world.open()).toSorted()).toEqual(["ann Open: grant lab", "lab Open: create"]);
    expect(await world.taskOf("ann")).toBe(task);
    world.store.addEntitlement("lab", [dn("ann")]);
    expect(await world.look()).toEqual(["Done ann", "Done lab"]);
    expect((await world.closed()).toSorted()).toEqual(["ann Done: create; grant lab", "lab Done: create"]);
    expect(tell(await world.apply())).toMatchObject(converged);
    const [link] = await (await world.state()).linksOf("people", ["ann"]);
    expect(link).toMatchObject({ origin: "Created", seen: expect.any(String) });
    expect(await world.told()).toEqual(["Create Done", "Create Done", "Grant Done"]);
    const anchors = (await world.journal()).map(({ identity, anchor }) => (identity === "ann" ? anchor : ""));
    expect(new Set(anchors)).toEqual(new Set(["", world.store.account(dn("ann"))!.anchor]));
  });

  test("is asked for what is left of an update that was made in part, under the same task", async () => {
    const world = await founded(["ann"]);
    world.edit("Identity/ann", {
      emails: [{ value: "a@example.org" }],
      employeeNumber: "E-ann",
      department: "Sales",
    });
    await world.apply();
    expect(await world.open()).toEqual(["ann Open: update mail, department; revoke lab"]);
    const task = await world.taskOf("ann");
    world.store.editAccount(dn("ann"), { attributes: { ...values("ann"), mail: ["a@example.org"] } });
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(["ann Open: update department; revoke lab"]);
    expect(await world.taskOf("ann")).toBe(task);
    expect(await updatesOf(world)).toEqual([{ mail: ["a@example.org"] }]);
    world.store.editAccount(dn("ann"), {
      attributes: { ...values("ann"), mail: ["a@example.org"], department: ["Sales"] },
    });
    world.store.removeMember("lab", dn("ann"));
    expect(await world.look()).toEqual(["Done ann"]);
    expect(await updatesOf(world)).toEqual([{ mail: ["a@example.org"] }, { department: ["Sales"] }]);
    expect(await world.closed()).toContain("ann Done: update mail, department; revoke lab");
    expect(tell(await world.apply())).toMatchObject(converged);
  });

  test("is asked again for what somebody undid while the rest of the task was open", async () => {
    const world = await founded(["ann"]);
    world.edit("Identity/ann", { department: "Sales", emails: [{ value: "a@example.org" }] });
    await world.apply();
    const sold = { ...values("ann"), department: ["Sales"] };
    world.store.editAccount(dn("ann"), { attributes: sold });
    await world.apply();
    world.store.editAccount(dn("ann"), { attributes: values("ann") });
    expect(await world.look()).toEqual(["Changed ann"]);
    expect(await world.open()).toEqual(["ann Open: update mail, department; revoke lab"]);
  });

  test("of which a part was done and the rest is no longer due still tells of both", async () => {
    const world = await founded(["ann"]);
    world.edit("Identity/ann", { department: "Sales" });
    await world.apply();
    world.store.removeMember("lab", dn("ann"));
    await world.apply();
    world.edit("Identity/ann", { department: "Research" });
    world.store.addMember("lab", dn("ann"));
    expect(await world.look()).toEqual(["Withdrawn ann"]);
    expect(await world.closed()).toContain("ann Withdrawn: revoke lab; update department");
  });

  test("shows an account that bears the keys of whom it was to be made for: what else it lacks stays to be done", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const task = await world.taskOf("ann");
    world.store.addAccount(dn("ann"), { ...values("ann"), mail: ["anm@example.org"] });
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toContain("ann Open: update mail; grant lab");
    expect(await world.taskOf("ann")).toBe(task);
    expect((await (await world.state()).linksOf("people", ["ann"]))[0]).toMatchObject({ origin: "Created" });
  });

  test("may get a stranger's account of the name that was wanted: it is nobody's until somebody says that it is the one", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const { employeeNumber: _, ...nobodys } = values("ann");
    world.store.addAccount(dn("ann"), { ...nobodys, mail: ["a@example.org"] });
    await world.apply();
    expect(await (await world.state()).linksOf("people", ["ann"])).toEqual([]);
    await world.answer("ann", "Completed");
    await world.apply();
    expect(await (await world.state()).linksOf("people", ["ann"])).toHaveLength(1);
    expect(await world.open()).toContain("ann Completed: update mail, employeeNumber; grant lab");
  });

  test("never gives somebody an account with the key of another, whatever is said", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    world.store.addAccount(dn("ann"), { ...values("ann"), employeeNumber: ["E-other"] });
    await world.answer("ann", "Completed");
    await world.apply();
    expect(await (await world.state()).linksOf("people", ["ann"])).toEqual([]);
    expect(await world.open()).toContain("ann Completed: create; grant lab");
  });

  test("gives an account to one of two that were to have it", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const state = await world.state();
    const [anns] = (await state.tasks()).filter(({ identity }) => identity === "ann");
    const items = anns!.items.map((intent) => ({
      ...intent,
      identity: "bob",
      item: `${intent.item}-of-bob`,
    }));
    await state.finish({ tasks: [{ ...anns!, name: "people-of-bob", identity: "bob", items }] });
    world.store.addAccount(dn("ann"), values("ann"));
    await world.apply();
    const links = (await Array.fromAsync(state.links("people"))).flat();
    expect(links.map(({ identity }) => identity)).toEqual(["ann"]);
  });

  test("is asked to disable, to take away, and in the end to delete; each only once, and in its time", async () => {
    const world = await founded(["ann"], {
      allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
      deprovision: { deleteAfter: "720h" },
    });
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    expect(await world.open()).toEqual(["ann Open: disable; revoke lab"]);
    world.store.editAccount(dn("ann"), { enabled: false });
    world.store.removeMember("lab", dn("ann"));
    expect(await world.look()).toEqual(["Done ann"]);
    expect(await world.open()).toEqual([]);
    await world.apply();
    world.now += 721 * 3_600_000;
    expect(await world.look()).toEqual(["Opened ann"]);
    expect(await world.open()).toEqual(["ann Open: delete"]);
    world.store.removeAccount(dn("ann"));
    expect(await world.look()).toEqual(["Done ann"]);
    expect(tell(await world.apply())).toMatchObject(converged);
    expect(await (await world.state()).linksOf("people", ["ann"])).toEqual([]);
    expect(await world.told()).toEqual(
      expect.arrayContaining(["Disable Done", "Revoke Done", "Delete Done"]),
    );
  });

  test("is asked for what it can show, though nothing in it can be written", async () => {
    const nothing = { create: false, update: false, rename: false, disable: false, delete: false };
    const readOnly = (real: Connector) =>
      new Proxy(real, {
        get: (target, property) => {
          if (property === "capabilities") return { ...target.capabilities, ...nothing };
          const member = Reflect.get(target, property, target) as unknown;
          return typeof member === "function" ? (member.bind(target) as unknown) : member;
        },
      });
    const world = await founded(["ann", "bob"], {}, { connector: readOnly });
    world
      .edit("Identity/ann", { userName: "anna" })
      .edit("Identity/bob", { lifecycle: { state: "Inactive" } });
    await world.apply();
    expect((await world.open()).toSorted()).toEqual(["ann Open: rename", "bob Open: disable; revoke lab"]);
  });

  test("is not asked to disable what it cannot show as disabled", async () => {
    const store = new MemoryStore({ nameMatching: "distinguishedName", capabilities: { disable: false } });
    const world = await founded(["ann"], {}, {}, store);
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    expect(await world.open()).toEqual(["ann Open: revoke lab"]);
  });

  test("is not asked any longer for what is no longer due", async () => {
    const world = await founded(["ann"]);
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    expect(await world.look()).toEqual(["Withdrawn ann"]);
    expect(await world.open()).toEqual([]);
  });

  test("stays asked while it is unknown whether it is still due (law 4)", async () => {
    const world = await founded(["ann"]);
    world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
    await world.apply();
    const before = await world.open();
    world.invalid.set("Identity/ann", "not valid now");
    world.complete = { ok: false, reason: "a file could not be read" };
    expect(await world.look()).toEqual([]);
    expect(await world.open()).toEqual(before);
  });

  test("keeps its tasks over a restart, and asks for nothing twice", async () => {
    const world = ByHand.with();
    world.put(person("ann"), person("bob"));
    await world.apply();
    const before = await (await world.state()).tasks();
    world.restart();
    expect(await world.look()).toEqual([]);
    expect(await (await world.state()).tasks()).toEqual(before);
  });

  test("does not show a sensitive value as set before it is", async () => {
    const world = await founded(["ann"]);
    mapAttribute(world, "pin", { expression: "identity.title", sensitive: true });
    world.edit("Identity/ann", { title: "4711" });
    await world.apply();
    expect(JSON.stringify(await (await world.state()).tasks())).not.toContain("4711");
    for (const pin of [undefined, "4710"]) {
      if (pin) world.store.editAccount(dn("ann"), { attributes: { ...values("ann"), pin: [pin] } });
      expect(await world.look()).toEqual([]);
      expect(await world.open()).toEqual(["ann Open: update pin"]);
    }
    world.store.editAccount(dn("ann"), { attributes: { ...values("ann"), pin: ["4711"] } });
    expect(await world.look()).toEqual(["Done ann"]);
    expect(await world.closed()).toContain("ann Done: update pin");
    expect(JSON.stringify(await (await world.state()).tasks({ all: true }))).not.toContain("4711");
    expect(tell(await world.apply())).toMatchObject(converged);
  });

  test("is planned with what was done by hand, which is remembered only by an apply: that then does what the plan showed", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    const { department: _, ...most } = values("ann");
    world.store.addAccount(dn("ann"), most);
    world.edit("Identity/ann", { emails: [{ value: "a@example.org" }] });
    world.restart();
    const planned = await world.plan();
    expect(tell(planned).findings).toEqual([]);
    expect(planned.flatMap(({ guarded }) => guarded.items.map(say))).toEqual(["Update ann"]);
    expect(await world.told()).toEqual([]);
    expect(await (await world.state()).linksOf("people", ["ann"])).toEqual([]);
    world.restart();
    expect(await world.look({ shown: hashesOf(planned) })).toEqual(["Changed ann"]);
    expect(await world.told()).toEqual(["Create Done"]);
    expect(await world.open()).toContain("ann Open: update mail, department; grant lab");
  });

  test("is planned as having nothing left to do where people have done all of it", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    world.store.addAccount(dn("ann"), values("ann"));
    world.store.addEntitlement("lab", [dn("ann")]);
    world.restart();
    const told = tell(await world.plan());
    expect(told).toMatchObject({ withheld: [], findings: [] });
  });

  test("is planned with what was taken from accounts", async () => {
    const world = await founded(["ann", "bob"]);
    world.edit("Identity/ann", { department: "Sales" });
    await world.apply();
    world.store.removeMember("lab", dn("ann"));
    world.restart();
    expect(tell(await world.plan()).withheld).toEqual(["Task: Update ann"]);
    expect(await world.told()).not.toContain("Revoke Done");
  });

  test("keeps the names that were chosen for accounts which nobody has made yet", async () => {
    const world = ByHand.with();
    const name = {
      expression:
        "dn('uid', unique(identity.name.familyName, identity.name.familyName + '2'), 'ou=people,dc=example,dc=org')",
    };
    world.edit("Target/people", {
      accounts: { ...(world.manifests.get("Target/people")!.spec.accounts as object), name },
    });
    world.put(person("zoe", { name: { familyName: "lee" } }));
    await world.apply();
    world.restart();
    world.put(person("ann", { name: { familyName: "lee" } }));
    await world.apply();
    const tasks = (await (await world.state()).tasks()).filter(({ identity }) => identity !== "");
    expect(tasks.map(({ identity, account }) => `${identity} ${account.split(",")[0]}`).toSorted()).toEqual([
      "ann uid=lee2",
      "zoe uid=lee",
    ]);
  });

  test("that Rollcall changes by itself from now on has no tasks any more", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    world.edit("Target/people", { tasks: undefined });
    expect(await world.look()).toEqual(["Withdrawn ann", "Withdrawn lab"]);
    expect(world.store.accounts.size).toBe(1);
  });

  test("that is only to be observed has none either", async () => {
    const world = ByHand.with();
    world.put(person("ann"));
    await world.apply();
    world.edit("Target/people", { mode: "Observe" });
    expect(await world.look()).toEqual(["Withdrawn ann", "Withdrawn lab"]);
    expect(await world.look()).toEqual([]);
  });

  test("gets no password", async () => {
    const world = await founded(["ann"]);
    const { error } = await world.setPassword({ target: "people", identity: "ann", value: "x", by: "maria" });
    expect(error?.message).toMatch(/cannot set passwords/);
  });
});

test("an account that somebody made is what accounts elsewhere are made from, in the same run", async () => {
  const world = ByHand.with();
  const elsewhere = { kind: "Store", name: "elsewhere", spec: { memory: {} } };
  const name = { expression: "'box of ' + account('people').anchor" };
  world.put(person("ann"), elsewhere, {
    kind: "Target",
    name: "mailboxes",
    spec: { store: { name: "elsewhere" }, mode: "Observe", accounts: { when: "true", name } },
  });
  await world.apply();
  const { anchor } = world.store.addAccount(dn("ann"), values("ann"));
  const reports = await world.apply({ pass: false });
  const planned = reports.flatMap(({ guarded }) =>
    guarded.withheld.map(({ item }) => `${item.target} ${item.name}`),
  );
  expect(planned).toContain(`mailboxes box of ${anchor}`);
});
