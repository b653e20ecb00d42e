import { beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, editAccounts, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const hour = 3_600_000;

let world: World;
let store: MemoryStore;

const begin = (options: ConstructorParameters<typeof MemoryStore>[0] = {}) => {
  store = new MemoryStore(options);
  world = new World(store).put(...company());
};
const profile = (name: string, ...entitlements: Record<string, unknown>[]) =>
  world.put({ kind: "AccessProfile", name, spec: { target: { name: "people" }, entitlements } });
const role = (...profiles: string[]) =>
  world.edit("BusinessRole/research", { accessProfiles: profiles.map((name) => ({ name })) });
const members = (entitlement: string) =>
  [...(store.entitlement(entitlement)?.members ?? [])].map((anchor) => store.accounts.get(anchor)?.name);
const holdings = async (who: string) =>
  (await (await world.state()).holdings("people", { identities: [who] })).map(
    ({ name, origin, reasons }) => `${origin} ${name} by ${reasons.map((chain) => chain.at(-1)?.name)}`,
  );
/** Applies when the manifests have been quiet for long. */
const settled = async () => {
  await world.plan();
  world.now += hour;
  return world.apply();
};
const ofMembers = (items: readonly string[]) => items.filter((item) => item.endsWith("lab"));

beforeEach(() => begin());

describe("two profiles that give the same entitlement", () => {
  beforeEach(async () => {
    profile("tools", { name: "lab", ensure: true });
    role("lab", "tools");
    world.put(person("ann"));
    await world.apply();
  });

  test("give it once, and the ledger knows both reasons", async () => {
    expect(members("lab")).toEqual([dn("ann")]);
    expect(await holdings("ann")).toEqual(["Granted lab by lab,tools"]);
  });

  test("take it away only when the last of them ends", async () => {
    role("tools");
    expect(tell(await settled()).done).toEqual([]);
    expect(await holdings("ann")).toEqual(["Granted lab by tools"]);
    role();
    expect(tell(await settled()).done).toEqual(["Revoke ann lab"]);
  });

  test("that both no longer give it: it is taken once", async () => {
    role();
    expect(tell(await settled()).done).toEqual(["Revoke ann lab"]);
    expect(await holdings("ann")).toEqual([]);
    expect(tell(await settled()).done).toEqual([]);
  });

  test("are one, where one says its name and the other its id", async () => {
    const anchor = store.entitlement("lab")?.anchor ?? "";
    profile("tools", { name: anchor, by: "Id" });
    expect(tell(await settled()).done).toEqual([]);
    role("tools");
    expect(tell(await settled()).done).toEqual([]);
    expect(members("lab")).toEqual([dn("ann")]);
    role();
    expect(tell(await settled()).done).toEqual(["Revoke ann lab"]);
  });
});

describe("an entitlement taken out of a profile", () => {
  test("is taken from those who hold it, once the edit has settled", async () => {
    profile("lab", { name: "lab", ensure: true }, { name: "door", ensure: true });
    world.put(person("ann"), person("bob"));
    await world.apply();
    profile("lab", { name: "lab", ensure: true });
    const { done, withheld } = tell(await world.apply());
    expect({ done, withheld }).toEqual({
      done: [],
      withheld: ["Settling: Revoke ann door", "Settling: Revoke bob door"],
    });
    expect(tell(await settled()).done).toEqual(["Revoke ann door", "Revoke bob door"]);
  });
});

describe("a membership that was there before us", () => {
  beforeEach(async () => {
    world.put(person("ann", { department: "Sales" }));
    await world.apply();
    store.addEntitlement("lab", [dn("ann")]);
    world.edit("Identity/ann", { department: "Research" });
  });

  test("is proposed, becomes ours when a plan showed it, and only then is ours to take", async () => {
    expect(tell(await world.apply()).withheld).toEqual(["Proposed: Adopt ann lab"]);
    world.edit("Identity/ann", { department: "Sales" });
    expect(ofMembers(tell(await settled()).done)).toEqual([]);
    expect(members("lab")).toEqual([dn("ann")]);
    world.edit("Identity/ann", { department: "Research" });
    expect(ofMembers(tell(await world.applyShown()).done)).toEqual(["Adopt ann lab"]);
    world.edit("Identity/ann", { department: "Sales" });
    expect(ofMembers(tell(await settled()).done)).toEqual(["Revoke ann lab"]);
  });

  test("is never ours where nothing may be adopted", async () => {
    editAccounts(world, { adopt: "Never" });
    expect(ofMembers(tell(await settled()).done)).toEqual([]);
    expect(await holdings("ann")).toEqual(["Preexisting lab by lab"]);
    world.edit("Identity/ann", { department: "Sales" });
    expect(ofMembers(tell(await settled()).done)).toEqual([]);
    expect(members("lab")).toEqual([dn("ann")]);
    expect(await holdings("ann")).toEqual([]);
  });

  test("is ours at once where the target adopts by itself", async () => {
    editAccounts(world, { adopt: "Auto" });
    expect(ofMembers(tell(await settled()).done)).toEqual(["Adopt ann lab"]);
  });

  test("and is gone before it was adopted, is given by us", async () => {
    await world.apply();
    store.removeMember("lab", dn("ann"));
    expect(tell(await world.apply()).done).toEqual(["Grant ann lab"]);
    expect(await holdings("ann")).toEqual(["Granted lab by lab"]);
  });
});

describe("what others do to memberships", () => {
  beforeEach(async () => {
    world.put(person("ann"), person("bob", { department: "Sales" }));
    await world.apply();
  });

  test("one that is ours is given back", async () => {
    store.removeMember("lab", dn("ann"));
    expect(tell(await world.apply()).done).toEqual(["Grant ann lab"]);
  });

  test("one that is theirs stays", async () => {
    store.addMember("lab", dn("bob"));
    expect(tell(await settled()).done).toEqual([]);
    expect(members("lab")).toEqual([dn("ann"), dn("bob")]);
  });

  test("a whole entitlement that is gone is made again, where a profile ensures it", async () => {
    store.removeEntitlement("lab");
    expect(tell(await world.apply()).done).toEqual(["Create lab", "Grant ann lab"]);
  });

  test("and is only told of where none does", async () => {
    profile("lab", { name: "lab" });
    await settled();
    store.removeEntitlement("lab");
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual([]);
    expect(findings).toEqual([expect.stringMatching(/^Held ann: lab does not exist in the store/)]);
  });
});

describe("an ensured entitlement", () => {
  test("is made with its attributes, and they are kept", async () => {
    profile("lab", { name: "lab", ensure: true, attributes: { description: ["The lab"] } });
    world.put(person("ann"));
    await world.apply();
    expect(store.entitlement("lab")?.attributes.description).toEqual(["The lab"]);
    store.putEntitlement({
      ...store.entitlement("lab")!,
      attributes: { description: ["x"], note: ["mine"] },
    });
    expect(tell(await world.apply()).done).toEqual(["Update lab"]);
    expect(store.entitlement("lab")?.attributes).toEqual({ description: ["The lab"], note: ["mine"] });
  });

  test("follows the manifest", async () => {
    profile("lab", { name: "lab", ensure: true, attributes: { description: ["The lab"] } });
    world.put(person("ann"));
    await world.apply();
    profile("lab", { name: "lab", ensure: true, attributes: { description: ["Lab 2"] } });
    expect(tell(await world.apply()).done).toEqual(["Update lab"]);
    expect(store.entitlement("lab")?.attributes.description).toEqual(["Lab 2"]);
  });

  test("that may not be made keeps its memberships waiting, and says for what", async () => {
    world.edit("Target/people", { allow: ["Update", "Grant", "Revoke"] });
    store.addAccount(dn("ann"), { employeeNumber: ["E-ann"] });
    world.put(person("ann"));
    const { failed, withheld } = tell(await world.applyShown());
    expect(failed).toEqual([]);
    expect(withheld).toEqual(["NotAllowed: Create lab", "Blocked: Grant ann lab"]);
  });
});

describe("an entitlement that needs a member", () => {
  beforeEach(async () => {
    begin({ entitlementNeedsMember: true });
    world.put(person("ann"), person("bob"));
    await world.apply();
  });

  test("keeps its last one, which is told; all others go", async () => {
    role();
    const { done, failed, findings, withheld } = tell(await settled());
    expect({ done, failed }).toEqual({ done: ["Revoke ann lab"], failed: [] });
    expect([...findings, ...withheld]).toEqual([expect.stringMatching(/bob.*last member of lab/)]);
    expect(members("lab")).toEqual([dn("bob")]);
  });

  test("lets the last one go when another one comes", async () => {
    world.edit("Identity/bob", { department: "Sales" });
    await settled();
    world.edit("Identity/ann", { department: "Sales" }).put(person("cid"));
    const { done } = tell(await settled());
    expect(ofMembers(done)).toEqual(["Grant cid lab", "Revoke ann lab"]);
    expect(members("lab")).toEqual([dn("cid")]);
  });
});

describe("a mover", () => {
  test("is given the new before the old is taken, in one plan", async () => {
    profile("shop", { name: "shop", ensure: true });
    world.put({
      kind: "BusinessRole",
      name: "sales",
      spec: { members: { when: "identity.department == 'Sales'" }, accessProfiles: [{ name: "shop" }] },
    });
    world.put(person("ann"));
    await world.apply();
    const order: string[] = [];
    store.faults = {
      refuse: (change) => {
        if (change.kind === "members")
          order.push(
            ...change.add.map(() => `+${change.name}`),
            ...change.remove.map(() => `-${change.name}`),
          );
        return undefined;
      },
    };
    world.edit("Identity/ann", { department: "Sales" });
    const { done } = tell(await settled());
    expect(done).toEqual(["Update ann", "Create shop", "Grant ann shop", "Revoke ann lab"]);
    expect(order).toEqual(["+shop", "-lab"]);
  });

  test("keeps nothing of the old, whatever the target does with leavers' entitlements", async () => {
    world.edit("Target/people", { deprovision: { revoke: "None" } });
    world.put(person("ann"));
    await world.apply();
    world.edit("Identity/ann", { department: "Sales" });
    expect(tell(await settled()).done).toEqual(["Update ann", "Revoke ann lab"]);
  });

  test("whose account somebody disabled still loses the old", async () => {
    world.put(person("ann"));
    await world.apply();
    store.editAccount(dn("ann"), { enabled: false });
    world.edit("Identity/ann", { department: "Sales" });
    expect(tell(await settled()).done).toContain("Revoke ann lab");
    expect(store.account(dn("ann"))?.enabled).toBe(false);
  });
});

test("one member that the store refuses does not keep the others out", async () => {
  world.put(person("ann"), person("bob"));
  store.faults = {
    refuse: (change) => {
      if (change.kind !== "members") return undefined;
      store.faults = {};
      store.removeAccount(dn("ann"));
      return undefined;
    },
  };
  const { done, failed } = tell(await world.apply());
  expect(done).toContain("Grant bob lab");
  expect(failed).toEqual([expect.stringMatching(/^Grant ann lab: NotFound: /)]);
});

test("an entitlement whose change is refused keeps no other from being changed", async () => {
  profile("tools", { name: "tools", ensure: true });
  role("lab", "tools");
  world.put(person("ann"));
  store.faults = {
    refuse: (change) => (change.name === "lab" ? new StoreError("Denied", "no right to lab") : undefined),
  };
  const { done, failed } = tell(await world.apply());
  expect(done).toEqual(["Create ann", "Create tools", "Grant ann tools"]);
  expect(failed).toEqual(["Create lab: Denied: no right to lab", "Grant ann lab: Denied: no right to lab"]);
  store.faults = {};
  expect(tell(await world.apply()).done).toEqual(["Create lab", "Grant ann lab"]);
});

test("a group that is made for more members than one change takes gets all of them", async () => {
  world.put(...Array.from({ length: 5001 }, (_, index) => person(`person${index}`)));
  const { failed } = tell(await world.apply());
  expect(failed).toEqual([]);
  expect(members("lab")).toHaveLength(5001);
});

test("and they go to it by the name that the store gave it", async () => {
  const sent: string[] = [];
  world = new World(store, {
    connector: (inner) => ({
      ...inner,
      async *apply(changes, call) {
        sent.push(...changes.filter(({ kind }) => kind === "members").map(({ name }) => name));
        for await (const outcome of inner.apply(changes, call))
          yield outcome.ok && outcome.name === "lab" ? { ...outcome, name: "cn=lab" } : outcome;
      },
    }),
  }).put(...company(), ...Array.from({ length: 5001 }, (_, index) => person(`person${index}`)));
  await world.apply();
  expect(sent).toEqual(["lab", "cn=lab"]);
});
