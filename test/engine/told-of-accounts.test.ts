import { beforeEach, describe, expect, test, vi } from "vitest";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const admin = "adminCount is 1: it has administrative rights";

let world: World;
let store: MemoryStore;

beforeEach(() => begin());

function begin(target: Record<string, unknown> = {}): void {
  store = new MemoryStore();
  const limits = { settle: "0s" };
  world = new World(store).put(...company({ limits, ...target }), person("ann"), person("bob"));
}

const linkOf = async (identity: string) => (await (await world.state()).linksOf("people", [identity]))[0];
const nothing = { done: [], failed: [], withheld: [], findings: [] };

describe("an account that the store protects", () => {
  const protect = (name: string) => store.editAccount(dn(name), { protected: admin });

  test("is not changed, and it is said why", async () => {
    await world.apply();
    protect("ann");
    store.editAccount(dn("ann"), { attributes: { mail: ["else@example.org"] } });
    world.edit("Identity/bob", { department: "Sales" });
    const [report] = await world.apply();
    expect(report?.guarded.withheld).toMatchObject([
      {
        kind: "Protected",
        reason: `${dn("ann")} may not be changed: ${admin}`,
        item: { operation: "Update", identity: "ann" },
      },
    ]);
    expect(tell([report!]).done).toEqual(["Update bob", "Revoke bob lab"]);
    expect(store.account(dn("ann"))?.attributes.mail).toEqual(["else@example.org"]);
  });

  test.each([
    { edit: { lifecycle: { state: "Inactive" } }, withheld: ["Disable ann", "Revoke ann lab"] },
    { edit: { userName: "zoe" }, withheld: ["Update ann"] },
    { edit: { department: "Sales" }, withheld: ["Update ann", "Revoke ann lab"] },
    { edit: { lifecycle: { emergency: "Disable" } }, withheld: ["Disable ann"] },
  ])("keeps what it has: $withheld", async ({ edit, withheld }) => {
    await world.apply();
    protect("ann");
    world.edit("Identity/ann", edit);
    expect(tell(await world.apply())).toMatchObject({
      done: [],
      withheld: withheld.map((what) => `Protected: ${what}`),
    });
  });

  test("gains and loses nothing either where only its groups differ, in a new process too", async () => {
    await world.apply();
    protect("ann");
    expect(tell(await world.apply())).toMatchObject(nothing);
    expect(await linkOf("ann")).toMatchObject({ protected: admin });
    world.restart();
    world.put({
      kind: "AccessProfile",
      name: "lab",
      spec: { target: { name: "people" }, entitlements: [{ name: "door", ensure: true }] },
    });
    expect(tell(await world.apply({ pass: false }))).toMatchObject({
      done: ["door", "bob door", "bob lab"].map((what, at) => `${["Create", "Grant", "Revoke"][at]} ${what}`),
      withheld: ["Protected: Grant ann door", "Protected: Revoke ann lab"],
    });
  });

  test("may be changed again once the store says so no longer", async () => {
    await world.apply();
    protect("ann");
    await world.apply();
    store.editAccount(dn("ann"), { protected: undefined, attributes: { mail: [] } });
    expect(tell(await world.apply()).done).toEqual(["Update ann"]);
    expect(await linkOf("ann")).not.toHaveProperty("protected");
  });

  test.each([
    { what: "who has left", edit: { lifecycle: { state: "Inactive" } }, by: "the store" },
    { what: "somebody else deleted", edit: {}, by: "the store" },
    { what: "its Store names", edit: {}, by: "its Store" },
  ])("is not brought back with all its rights once it is gone: $what", async ({ edit, by }) => {
    begin({ outside: { missing: "Repair" } });
    await world.apply();
    const { anchor } = store.account(dn("ann"))!;
    if (by === "the store") protect("ann");
    else world.edit("Store/directory", { protected: [anchor] });
    await world.apply({ full: true });
    world.edit("Identity/ann", edit);
    store.removeAccount(dn("ann"));
    const first = await world.apply();
    world.edit("Identity/ann", { lifecycle: undefined });
    const { done, withheld } = tell([...first, ...(await world.apply())]);
    expect(store.accounts.has(anchor)).toBe(false);
    expect(by === "its Store" ? withheld : done).toContainEqual(expect.stringContaining("Create ann"));
  });

  test("can be let go: nothing is written to the store for it", async () => {
    await world.apply();
    protect("ann");
    world.edit("Identity/ann", { links: [{ target: "people", cut: "Cut" }] });
    expect(tell(await world.apply()).done).toEqual(["Forget ann"]);
  });
});

describe("an account that a rule finds, and that is protected", () => {
  const there = { employeeNumber: ["E-ann"], mail: ["ann@example.org"], department: ["Research"] };

  test.each([
    { by: "the store", store: {}, protection: { protected: admin } },
    { by: "its Store's manifest", store: { protected: [dn("admin")] }, protection: {} },
  ])("by $by: it is told, not adopted, and nothing waits for it", async ({ store: spec, protection }) => {
    world.edit("Store/directory", spec);
    const account = store.addAccount(dn("admin"), there);
    store.putAccount({ ...account, ...protection });
    const { withheld, findings } = tell(await world.applyShown());
    expect(withheld).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Protected ann: uid=admin,.* protected|may not be/)]);
    expect(await linkOf("ann")).toBeUndefined();
    expect(store.accounts.size).toBe(2);
  });

  test("is not adopted by a pin either", async () => {
    const account = store.addAccount(dn("admin"), there);
    store.putAccount({ ...account, protected: admin });
    world.edit("Identity/ann", { links: [{ target: "people", anchor: account.anchor }] });
    expect(tell(await world.applyShown()).findings).toEqual([expect.stringMatching(/^Protected ann: /)]);
  });
});

describe("an entitlement that the store protects", () => {
  const protect = () => {
    const lab = store.entitlement("lab")!;
    store.putEntitlement({ ...lab, protected: admin });
  };

  test("is given to nobody and taken from nobody", async () => {
    await world.apply();
    protect();
    world.edit("Identity/ann", { department: "Sales" });
    world.put(person("cid"));
    const { done, withheld } = tell(await world.apply());
    expect(done).toEqual(["Update ann", "Create cid"]);
    expect(withheld).toEqual(["Protected: Revoke ann lab", "Protected: Grant cid lab"]);
  });

  test("that somebody holds is not adopted: that would be to take it away one day", async () => {
    store.addAccount(dn("ann"), { employeeNumber: ["E-ann"] });
    store.addEntitlement("lab", [dn("ann")]);
    protect();
    world.remove("Identity/bob");
    const first = tell(await world.applyShown());
    expect(first).toMatchObject({ done: ["Adopt ann", "Update ann"], withheld: [] });
    expect(tell(await world.apply())).toMatchObject(nothing);
    world.edit("Identity/ann", { department: "Sales" });
    expect(tell(await world.apply()).withheld).toEqual([]);
    expect(store.entitlement("lab")?.members.size).toBe(1);
  });
});

describe("an account that cannot log in as it is", () => {
  test("is remembered as such when it is read, and nothing is done about it", async () => {
    begin({ outside: { disabled: "Repair" } });
    await world.apply();
    store.editAccount(dn("ann"), { trouble: ["PasswordExpired", "Locked"] });
    const writes = store.writes;
    expect(tell(await world.apply())).toMatchObject(nothing);
    expect(await linkOf("ann")).toMatchObject({ trouble: ["Locked", "PasswordExpired"], status: "Enabled" });
    store.editAccount(dn("ann"), { trouble: undefined });
    expect(tell(await world.apply())).toMatchObject(nothing);
    expect(await linkOf("ann")).not.toHaveProperty("trouble");
    expect(store.writes).toBe(writes);
  });

  test.each(["trouble", "protection"])(
    "is remembered once: a full compare that finds the same %s writes no link",
    async (what) => {
      await world.apply();
      const seen = what === "trouble" ? { trouble: ["Locked"] as const } : { protected: admin };
      store.editAccount(dn("ann"), seen);
      await world.apply();
      world.restart();
      const before = await linkOf("ann");
      const state = await world.state();
      const finish = vi.spyOn(state, "finish");
      await world.apply({ full: true });
      expect(await linkOf("ann")).toStrictEqual(before);
      expect(finish.mock.calls.flatMap(([{ links }]) => links ?? [])).toEqual([]);
    },
  );

  test("is remembered as such where something else of it is held", async () => {
    begin({ mode: "Observe" });
    world.edit("Target/people", { mode: "Enforce" });
    await world.apply();
    world.edit("Target/people", { mode: "Observe" });
    store.editAccount(dn("ann"), { trouble: ["Locked"], attributes: { mail: [] } });
    expect(tell(await world.apply()).withheld).toEqual(["Observe: Update ann"]);
    expect(await linkOf("ann")).toMatchObject({ trouble: ["Locked"] });
  });

  test("that was disabled as well is told as disabled by somebody else", async () => {
    await world.apply();
    store.editAccount(dn("ann"), { trouble: ["Locked"], enabled: false });
    expect(tell(await world.apply()).findings).toEqual([expect.stringMatching(/^Outside ann: .*disabled/)]);
    expect(await linkOf("ann")).toMatchObject({ trouble: ["Locked"] });
  });
});
