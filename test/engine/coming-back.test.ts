import { beforeEach, expect, test } from "vitest";
import { StoreError } from "../../src/connectors/errors.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, person } from "../support/company.ts";
import { say, tell } from "../support/told.ts";
import { World } from "../support/world.ts";

const hour = 3_600_000;
const deleting = {
  allow: ["Create", "Update", "Enable", "Disable", "Grant", "Revoke", "Delete"],
  deprovision: { deleteAfter: "1h" },
  outside: { missing: "Repair" },
  limits: { settle: "0s", removals: { percent: 100, atLeast: 100, atMost: 100, per: "24h" } },
};
const leaves = { lifecycle: { state: "Inactive" } };
const returns = { lifecycle: undefined };

let world: World;
let store: MemoryStore;

beforeEach(() => begin());

function begin(options: ConstructorParameters<typeof MemoryStore>[0] = {}): void {
  store = new MemoryStore(options);
  world = new World(store).put(...company(deleting), person("ann"));
}

/** Ann's account is made, disabled, deleted, and she is wanted again. Her anchor as it was. */
async function deletedAndWanted(): Promise<string> {
  await world.apply();
  const { anchor } = store.account(dn("ann"))!;
  world.edit("Identity/ann", leaves);
  await world.apply();
  world.now += 2 * hour;
  expect(tell(await world.apply()).done).toEqual(["Delete ann"]);
  world.restart();
  world.edit("Identity/ann", returns);
  return anchor;
}

const anchorNow = () => store.account(dn("ann"))?.anchor;
const linkNow = async () => (await (await world.state()).linksOf("people", ["ann"]))[0];

test("who returns after the account was deleted gets that very account, and what is to be there", async () => {
  const anchor = await deletedAndWanted();
  store.faults = {};
  world.edit("Identity/ann", { department: "Sales" });
  const [plan] = await world.plan();
  expect(plan?.guarded.items.map((item) => [say(item), "formerly" in item && item.formerly])).toEqual([
    ["Create ann", anchor],
  ]);
  expect(tell(await world.applyShown()).done).toEqual(["Create ann"]);
  expect(anchorNow()).toBe(anchor);
  expect((await linkNow())?.anchor).toBe(anchor);
  expect(store.account(dn("ann"))).toMatchObject({ enabled: true, attributes: { department: ["Sales"] } });
  expect(tell(await world.apply())).toMatchObject({ done: [], findings: [] });
});

test("an account that somebody else deleted is brought back, and not made anew", async () => {
  await world.apply();
  const anchor = anchorNow();
  store.removeAccount(dn("ann"));
  expect(tell(await world.apply()).done).toEqual(["Create ann", "Grant ann lab"]);
  expect(anchorNow()).toBe(anchor);
  expect((await linkNow())?.anchor).toBe(anchor);
  expect(tell(await world.apply()).done).toEqual([]);
});

test("one that somebody else deleted after she had left comes back with her", async () => {
  await world.apply();
  const anchor = anchorNow();
  world.edit("Identity/ann", leaves);
  await world.apply();
  store.removeAccount(dn("ann"));
  expect(tell(await world.apply()).done).toEqual(["Forget ann"]);
  world.edit("Identity/ann", returns);
  await world.apply();
  expect(anchorNow()).toBe(anchor);
});

test("somebody else under the same id gets an account of their own", async () => {
  const anchor = await deletedAndWanted();
  world.edit("Identity/ann", { employeeNumber: "E-other" });
  const [plan] = await world.plan();
  expect(plan?.guarded.items[0]).not.toHaveProperty("formerly");
  await world.apply();
  expect(anchorNow()).not.toBe(anchor);
});

test("a newcomer under the same id of whom nothing is proved yet gets an account of their own, too", async () => {
  const anchor = await deletedAndWanted();
  world.edit("Identity/ann", { employeeNumber: undefined });
  const [plan] = await world.plan();
  expect(plan?.guarded.items[0]).not.toHaveProperty("formerly");
  await world.apply();
  expect(anchorNow()).not.toBe(anchor);
});

test("in a store that keeps nothing a new account is made, and no plan says otherwise", async () => {
  begin({ capabilities: { restore: false } });
  const anchor = await deletedAndWanted();
  const [plan] = await world.plan();
  expect(plan?.guarded.items[0]).not.toHaveProperty("formerly");
  await world.apply();
  expect(anchorNow()).not.toBe(anchor);
});

test("a store that has forgotten it meanwhile makes a new one", async () => {
  const anchor = await deletedAndWanted();
  store.restore({ accounts: [], deleted: [], entitlements: store.entitlements.values(), next: store.next });
  await world.apply();
  expect(anchorNow()).not.toBe(anchor);
  expect((await linkNow())?.anchor).toBe(anchorNow());
  expect(tell(await world.apply()).done).toEqual([]);
});

test.each([
  { lost: "the answer", deleted: deletedAndWanted },
  {
    lost: "the answer, of one that somebody else deleted",
    deleted: async () => {
      await world.apply();
      store.removeAccount(dn("ann"));
      return [...store.deleted.keys()][0]!;
    },
  },
])("where $lost is lost, what came back is found by its anchor", async ({ deleted }) => {
  const anchor = await deleted();
  store.faults = { losesAnswer: (change) => change.kind === "create" };
  expect(tell(await world.apply()).failed).toEqual([expect.stringMatching(/^Create ann: InDoubt/)]);
  store.faults = {};
  world.restart();
  await world.apply();
  expect((await linkNow())?.anchor).toBe(anchor);
  expect(tell(await world.apply())).toMatchObject({ done: [], findings: [], failed: [] });
});

test("one that came back half is hers all the same, and is put right", async () => {
  const anchor = await deletedAndWanted();
  const half = () => {
    const former = store.deleted.get(anchor)!;
    store.putAccount({ ...former, name: dn("ann-back"), attributes: {} });
    return new StoreError("InDoubt", "brought it back, and then nothing answered any more");
  };
  store.faults = { refuse: (change) => (change.kind === "create" ? half() : undefined) };
  await world.apply();
  store.faults = {};
  await world.apply();
  expect((await linkNow())?.anchor).toBe(anchor);
  expect(store.account(dn("ann"))?.attributes).toMatchObject({ employeeNumber: ["E-ann"] });
});

test("where a repaired account is in doubt and is another one, the link names that", async () => {
  begin({ capabilities: { restore: false } });
  await world.apply();
  store.removeAccount(dn("ann"));
  store.faults = { losesAnswer: (change) => change.kind === "create" };
  await world.apply();
  store.faults = {};
  world.restart();
  await world.apply();
  expect((await linkNow())?.anchor).toBe(anchorNow());
  expect(tell(await world.apply())).toMatchObject({ done: [], findings: [], failed: [] });
});
