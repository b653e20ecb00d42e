import { describe, expect, test } from "vitest";
import { company, dn, person } from "../../../test/support/company.ts";
import { World } from "../../../test/support/world.ts";
import { StoreError } from "../../connectors/errors.ts";
import { MemoryStore } from "../../connectors/memory/store.ts";
import { resolve } from "../../resources/resolve.ts";
import { Engine } from "../engine.ts";
import { openExport } from "./open.ts";

type Columns = Record<string, string>;

/** The rows of an export as whoever reads them would see them now. */
async function rows(
  world: World,
  of: { target: string } | "identities",
  columns: Columns,
  when?: string,
): Promise<unknown[]> {
  const state = await world.state();
  const [now, stop] = [() => world.now, new AbortController().signal];
  const engine = new Engine(
    { state, clock: { now }, newId: () => "id", progress: () => {}, stop },
    world.stores(),
  );
  await engine.load(resolve(world.reading(), world.known, world.now).snapshot);
  const pages = await openExport(
    { engine, state, now, stop, complete: () => world.complete },
    {
      target: of === "identities" ? undefined : { name: of.target },
      columns: Object.entries(columns).map(([name, expression]) => ({ name, expression })),
      when,
    },
  );
  return (await Array.fromAsync(pages)).flat();
}

const people = { target: "people" };
const applied = async () => {
  const world = new World().put(...company(), person("alice"), person("bob", { department: "Sales" }));
  await world.apply();
  return world;
};

describe("an export of a target's accounts", () => {
  test("has a row for each account in the store, with whose it is and what it ought to have", async () => {
    const columns = {
      name: "account.name",
      user: "identity.userName",
      on: "account.enabled",
      mail: "account.attributes.mail",
      roles: "access.filter(a, a.kind == 'BusinessRole').map(a, a.name)",
      access: "access.map(a, a.kind + ' ' + a.name)",
      state: "state",
    };
    expect(await rows(await applied(), people, columns)).toEqual([
      [
        dn("alice"),
        "alice",
        true,
        ["alice@example.org"],
        ["research"],
        ["BusinessRole research", "Account people", "AccessProfile lab", "Entitlement lab"],
        "Active",
      ],
      [dn("bob"), "bob", true, ["bob@example.org"], [], ["Account people"], "Active"],
    ]);
  });

  test("tells what is in the store, not what ought to be there", async () => {
    const world = await applied();
    const account = world.store.account(dn("alice"))!;
    world.store.putAccount({ ...account, attributes: { mail: ["other@example.org"], room: ["12"] } });
    const columns = { mail: "account.attributes.mail", room: "account.attributes['room']" };
    expect((await rows(world, people, columns))[0]).toEqual([["other@example.org"], ["12"]]);
  });

  test("tells which entitlements each one holds there, sorted, whatever order the store has them in", async () => {
    const columns = { user: "identity.userName", groups: "account.entitlements" };
    const world = await applied();
    for (const name of ["yard", "attic"]) world.store.addEntitlement(name, [dn("alice")]);
    expect(await rows(world, people, columns)).toEqual([
      ["alice", ["attic", "lab", "yard"]],
      ["bob", []],
    ]);
  });

  test("has the accounts that are nobody's, whose identity reads as absent", async () => {
    const world = await applied();
    world.store.addAccount(dn("stray"));
    const columns = { user: "identity.userName", dept: "identity.department", state: "state" };
    expect(await rows(world, people, columns)).toContainEqual([null, null, ""]);
    expect(await rows(world, people, columns, "has(identity.userName)")).toHaveLength(2);
  });

  test("has none that lie outside the Store's boundary, and those that are protected", async () => {
    const world = await applied();
    world.store.addAccount("uid=boss,ou=board,dc=example,dc=org");
    const boundary = { bases: ["ou=people,dc=example,dc=org"] };
    world.edit("Store/directory", { boundary, protected: [dn("bob")] });
    expect(await rows(world, people, { name: "account.name" })).toEqual([[dn("alice")], [dn("bob")]]);
  });

  test("leaves those to another target of the same store that are its own", async () => {
    const [, target] = company();
    const { accounts, ...spec } = target!.spec as { accounts: object };
    const name = { expression: "dn('uid', identity.userName + '-admin', 'ou=people,dc=example,dc=org')" };
    const admins = { ...accounts, name, when: "identity.userName == 'alice'" };
    const world = await applied();
    world.put({ kind: "Target", name: "admins", spec: { ...spec, accounts: { ...admins, match: [] } } });
    await world.apply();
    const columns = { name: "account.name", user: "identity.userName" };
    expect(await rows(world, people, columns)).toEqual([
      [dn("alice"), "alice"],
      [dn("bob"), "bob"],
    ]);
    expect(await rows(world, { target: "admins" }, columns)).toEqual([[dn("alice-admin"), "alice"]]);
  });

  test("fails as a whole where an expression fails for one account, and names it", async () => {
    const world = await applied();
    world.store.addAccount(dn("stray"));
    await expect(rows(world, people, { user: "identity.userName + '!'" })).rejects.toThrow(
      `column user, of account ${dn("stray")}: identity.userName is absent`,
    );
  });

  test.each([
    ["a secret of the store", "userPassword", "holds a secret, which is never exported"],
    ["what a mapping calls sensitive", "ssn", "is sensitive in Target/people, and never exported"],
    ["what the store does not have", "nothing", "is none of the store's attributes"],
  ])("never has %s", async (_what, attribute, why) => {
    const known = { mail: {}, employeeNumber: {}, department: {}, ssn: {}, userPassword: { secret: true } };
    const store = new MemoryStore({ nameMatching: "distinguishedName", attributes: known });
    const world = new World(store).put(...company(), person("alice"));
    const target = world.manifests.get("Target/people")!.spec as { accounts: { attributes: object } };
    const ssn = { expression: "identity.employeeNumber", sensitive: true };
    world.edit("Target/people", {
      accounts: { ...target.accounts, attributes: { ...target.accounts.attributes, ssn } },
    });
    await world.apply();
    const columns = { it: `account.attributes.${attribute}` };
    await expect(rows(world, people, columns)).rejects.toThrow(`account.attributes.${attribute} ${why}`);
    const all = { it: "account.attributes.map(name, name)" };
    expect(await rows(world, people, all)).toEqual([[["mail", "employeeNumber", "department"]]]);
  });

  test("never has what another target of the store calls sensitive", async () => {
    const known = { mail: {}, employeeNumber: {}, department: {}, ssn: {} };
    const store = new MemoryStore({ nameMatching: "distinguishedName", attributes: known });
    const world = new World(store).put(...company(), person("alice"));
    const { accounts, ...spec } = world.manifests.get("Target/people")!.spec as { accounts: object };
    const ssn = { expression: "identity.employeeNumber", sensitive: true };
    const guests = { ...spec, accounts: { ...accounts, when: "false", match: [], attributes: { ssn } } };
    world.put({ kind: "Target", name: "guests", spec: guests });
    await world.apply();
    await expect(rows(world, people, { it: "account.attributes.ssn" })).rejects.toThrow(
      "account.attributes.ssn is sensitive in Target/guests, and never exported",
    );
  });

  test("fails where the store cannot be read, at once or in mid-page", async () => {
    const store = new MemoryStore({ pageSize: 1 });
    const world = new World(store).put(...company(), person("alice"), person("bob"));
    await world.apply();
    const away = () => {
      throw new StoreError("Unavailable", "the store is away");
    };
    for (const faults of [{ call: away }, { page: away }]) {
      world.store.faults = faults;
      await expect(rows(world, people, { name: "account.name" })).rejects.toThrow("the store is away");
    }
  });

  test("fails where the target is not looked after", async () => {
    const world = (await applied()).edit("Target/people", { suspend: true });
    await expect(rows(world, people, { name: "account.name" })).rejects.toThrow(
      "no target people is looked after: see that it is there, and not suspended",
    );
  });
});

describe("an export of identities", () => {
  const columns = {
    user: "identity.userName",
    state: "state",
    roles: "access.filter(a, a.kind == 'BusinessRole').map(a, a.name)",
    accounts: "accounts.map(a, a.target + ':' + a.name)",
  };

  test("has a row for each, with its state, what it ought to have, and the accounts it has", async () => {
    const world = await applied();
    world.put(
      person("carol", { lifecycle: { state: "Inactive" } }),
      person("dan", { lifecycle: { emergency: "Disable" } }),
    );
    expect(await rows(world, "identities", columns)).toEqual([
      ["alice", "Active", ["research"], [`people:${dn("alice")}`]],
      ["bob", "Active", [], [`people:${dn("bob")}`]],
      ["carol", "Inactive", [], []],
      ["dan", "Emergency", ["research"], []],
    ]);
  });

  test("leaves those out that the manifests no longer have", async () => {
    const world = await applied();
    world.remove("Identity/bob");
    expect(await rows(world, "identities", { user: "identity.userName" })).toEqual([["alice"]]);
  });

  test("needs no store", async () => {
    const world = await applied();
    world.store.faults = {
      call() {
        throw new StoreError("Unavailable", "the store is away");
      },
    };
    expect(await rows(world, "identities", { user: "identity.userName" })).toHaveLength(2);
  });

  test("fails where the manifests could not be read completely", async () => {
    const world = await applied();
    world.complete = { ok: false, reason: "a merge is under way" };
    await expect(rows(world, "identities", columns)).rejects.toThrow(
      "not all identities are known: a merge is under way",
    );
  });

  test("fails where somebody's manifest never was valid", async () => {
    const world = await applied();
    world.put(person("eve")).invalid.set("Identity/eve", "spec.userName is required");
    await expect(rows(world, "identities", columns)).rejects.toThrow(
      "not all identities are known: Identity/eve is not valid: spec.userName is required",
    );
  });

  test("fails where it is unknown what somebody ought to have, if that is asked", async () => {
    const world = await applied();
    world.remove("AccessProfile/lab").invalid.set("AccessProfile/lab", "broken");
    world.known.AccessProfile.clear();
    await expect(rows(world, "identities", columns)).rejects.toThrow(
      /what Identity\/alice ought to have is unknown: .*AccessProfile\/lab/,
    );
    expect(await rows(world, "identities", { user: "identity.userName" })).toHaveLength(2);
  });
});
