import { beforeEach, describe, expect, test } from "vitest";
import type { StoreChange } from "../../src/connectors/contract.ts";
import { StoreError } from "../../src/connectors/errors.ts";
import { memoryConnector } from "../../src/connectors/memory/memory.ts";
import { MemoryStore } from "../../src/connectors/memory/store.ts";
import { company, dn, editAccounts, mapAttribute, person } from "../support/company.ts";
import { tell } from "../support/told.ts";
import { hashesOf, World } from "../support/world.ts";

let world: World;
let store: MemoryStore;
let sent: string[];

const managerOf = (uid: string) => store.account(dn(uid))?.attributes.manager?.[0];
const reporting = (who: string, to: string, spec: Record<string, unknown> = {}) =>
  person(who, { manager: { name: to }, ...spec });
const describeChange = (change: StoreChange) => `${change.kind} ${change.name.split(",")[0]}`;

beforeEach(() => {
  store = new MemoryStore();
  world = new World(store).put(...company());
  world.edit("BusinessRole/research", { accessProfiles: [] });
  mapAttribute(world, "manager", { expression: "accountOf(identity.manager)" });
  sent = [];
  store.faults = {
    refuse: (change) => {
      sent.push(describeChange(change));
      return undefined;
    },
  };
});

describe("a manager", () => {
  test("is made before those who report to them, however deep, in one run", async () => {
    world.put(reporting("a", "b"), reporting("b", "c"), reporting("c", "d"), person("d"));
    expect(tell(await world.apply()).failed).toEqual([]);
    expect(sent).toEqual(["create uid=d", "create uid=c", "create uid=b", "create uid=a"]);
    expect(["a", "b", "c"].map(managerOf)).toEqual(["b", "c", "d"].map(dn));
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("in a circle is set when all of it are there, in one run", async () => {
    world.put(reporting("a", "b"), reporting("b", "a"), reporting("self", "self"), reporting("x", "a"));
    expect(tell(await world.apply()).failed).toEqual([]);
    expect(["a", "b", "self", "x"].map(managerOf)).toEqual(["b", "a", "self", "a"].map(dn));
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("who is renamed is followed", async () => {
    world.put(reporting("a", "boss"), person("boss"));
    await world.apply();
    world.edit("Identity/boss", { userName: "chief" });
    await world.apply();
    expect(managerOf("a")).toBe(dn("chief"));
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("who leaves stays named, for the account is still there", async () => {
    world.put(reporting("a", "boss"), person("boss"));
    await world.apply();
    world.edit("Identity/boss", { lifecycle: { state: "Inactive" } });
    expect(tell(await world.apply()).done).toEqual(["Disable boss"]);
    expect(managerOf("a")).toBe(dn("boss"));
  });

  test("who does not exist holds who reports to them, and no one else", async () => {
    world.put(reporting("a", "nobody"), person("b"));
    const { done, findings } = tell(await world.apply());
    expect(done).toEqual(["Create b"]);
    expect(findings).toEqual([expect.stringMatching(/^Held a: manager: .*Identity\/nobody does not exist/)]);
  });

  test("who could not be made is not named by anybody", async () => {
    world.put(reporting("a", "boss"), person("boss"), person("b"));
    const record = store.faults.refuse!;
    store.faults = {
      refuse: (change) =>
        change.name === dn("boss") ? new StoreError("Denied", "no right to boss") : record(change),
    };
    const { done, left } = tell(await world.apply());
    expect(done).toEqual(["Create b"]);
    expect(left).toEqual(["Create a"]);
    store.faults = {};
    await world.apply();
    expect(managerOf("a")).toBe(dn("boss"));
  });

  test.each([
    { why: "an account that nobody explains has the name", edit: {} },
    { why: "the account may not be made", edit: { protected: [dn("boss")] } },
  ])("whose account is not theirs yet is not named by anybody: $why", async ({ edit }) => {
    if (Object.keys(edit).length === 0) store.addAccount(dn("boss"), { note: ["somebody else"] });
    world.edit("Store/directory", edit);
    world.put(reporting("a", "boss"), person("boss"));
    await world.apply();
    expect(managerOf("a")).toBeUndefined();
    expect(tell(await world.apply()).failed).toEqual([]);
  });

  test("who comes to be the manager of one who returns, in one run", async () => {
    world.put(person("a"));
    await world.apply();
    world.edit("Identity/a", { lifecycle: { state: "Inactive" } });
    await world.apply();
    world.edit("Identity/a", { lifecycle: undefined, manager: { name: "boss" } }).put(person("boss"));
    const { failed } = tell(await world.apply());
    expect(failed).toEqual([]);
    expect(store.account(dn("a"))).toMatchObject({ enabled: true, attributes: { manager: [dn("boss")] } });
    expect(tell(await world.apply()).done).toEqual([]);
  });
});

/** A company with a second store, whose accounts are made from those of the first. */
class TwoStores extends World {
  readonly crm = new MemoryStore({ nameMatching: "caseIgnore", fingerprint: "crm" });

  override stores() {
    const real = super.stores();
    const type = memoryConnector(this.crm);
    return {
      ...real,
      connect: (given: Parameters<typeof real.connect>[0]) =>
        given.name === "crm"
          ? type.connect({} as never, {
              secret: () => Promise.reject(new Error("no secrets here")),
              path: (path) => path,
            })
          : real.connect(given),
    };
  }
}

describe("account('other-target')", () => {
  let both: TwoStores;

  beforeEach(() => {
    both = new TwoStores(store);
    world = both;
    world.put(...company());
    world.edit("BusinessRole/research", { accessProfiles: [] });
    world.put(
      { kind: "Store", name: "crm", spec: { memory: { name: "crm" } } },
      {
        // Named so that it would come first.
        kind: "Target",
        name: "customers",
        spec: {
          store: { name: "crm" },
          mode: "Enforce",
          accounts: {
            when: "identity.userType == 'Employee'",
            name: { expression: "identity.userName" },
            attributes: { directory: { expression: "account('people').anchor" } },
          },
        },
      },
    );
  });

  test("orders the work: the account that is read is there first, and both are done in one run", async () => {
    world.put(person("ann"));
    expect(tell(await world.apply()).done).toEqual(expect.arrayContaining(["Create ann"]));
    expect(both.crm.account("ann")?.attributes.directory).toEqual([store.account(dn("ann"))?.anchor]);
    expect(tell(await world.apply()).done).toEqual([]);
  });

  test("shows what is not there yet as its expression, and applies it by that plan", async () => {
    world.put(person("ann"));
    const plan = await world.plan();
    const [create] = plan.flatMap(({ target, guarded }) => (target === "customers" ? guarded.items : []));
    expect(create).toMatchObject({ attributes: [{ pending: "account('people').anchor" }] });
    const { withheld } = tell(await world.apply({ shown: hashesOf(plan) }));
    expect(withheld).toEqual([]);
    expect(both.crm.account("ann")?.attributes.directory).toHaveLength(1);
  });

  test("holds the account back while the other cannot be made", async () => {
    store.faults = { refuse: () => new StoreError("Denied", "no right") };
    world.put(person("ann"));
    await world.apply();
    expect(both.crm.accounts.size).toBe(0);
    store.faults = {};
    await world.apply();
    expect(both.crm.account("ann")?.attributes.directory).toHaveLength(1);
  });

  test("does not touch the account whose other is in a store that is down", async () => {
    world.put(person("ann"));
    await world.apply();
    store.faults = {
      call: () => {
        throw new StoreError("Unavailable", "the directory is down");
      },
    };
    world.edit("Identity/ann", { employeeNumber: "E-ann" });
    world.restart();
    const before = both.crm.account("ann");
    const { errors, done } = tell(await world.apply());
    expect(errors).toEqual([expect.stringMatching(/directory is down/)]);
    expect(done).toEqual([]);
    expect(both.crm.account("ann")).toBe(before);
  });

  test("follows an account that was renamed", async () => {
    const target = world.manifests.get("Target/customers")!;
    world.put({
      ...target,
      spec: {
        ...target.spec,
        accounts: {
          ...(target.spec.accounts as object),
          attributes: { directory: { expression: "account('people').name" } },
        },
      },
    });
    world.put(person("ann", { employeeNumber: "E-1" }));
    await world.apply();
    editAccounts(world, { name: { expression: "dn('cn', identity.userName, 'dc=example,dc=org')" } });
    await world.apply();
    expect(both.crm.account("ann")?.attributes.directory).toEqual(["cn=ann,dc=example,dc=org"]);
    expect(tell(await world.apply()).done).toEqual([]);
  });
});
