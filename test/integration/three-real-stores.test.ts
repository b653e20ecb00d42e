import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { person } from "../support/company.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { RealStores, type RealWorld } from "../support/real-stores.ts";
import { tell } from "../support/told.ts";
import { waitFor } from "../support/wait.ts";
import { asAdmin, readEntry } from "./ldap-setting.ts";

const hour = 3_600_000;

let stores: RealStores;
let world: RealWorld;

beforeAll(async () => {
  stores = await RealStores.start();
});
beforeEach(async () => {
  world = await stores.world();
});
afterEach(async () => {
  stores.ldapWire.heal();
  stores.postgresWire.heal();
  // The directory is one for all tests: the next begins with an empty one.
  await asAdmin(stores.ldap, async (client) => {
    for (const base of [stores.ldap.peopleDn, stores.ldap.groupsDn]) {
      const { searchEntries } = await client.search(base, { scope: "one", attributes: ["1.1"] });
      for (const { dn } of searchEntries) await client.del(dn);
    }
  });
});
afterAll(() => stores[Symbol.asyncDispose]());

const entry = (uid: string, ...names: string[]) =>
  readEntry(stores.ldap, `uid=${uid},${stores.ldap.peopleDn}`, ...names);
const members = async (group: string) =>
  (await readEntry(stores.ldap, `cn=${group},${stores.ldap.groupsDn}`, "member"))?.member
    ?.filter((dn) => dn.startsWith("uid="))
    .map((dn) => dn.slice(4, dn.indexOf(",")))
    .sort();
const users = () => stores.query("SELECT login, number, mail, blocked FROM users ORDER BY login");
const roles = async () =>
  (
    await stores.query(
      "SELECT login, name FROM user_roles JOIN users ON user_id = users.id JOIN roles ON role_id = roles.id ORDER BY 1, 2",
    )
  ).map(({ login, name }) => `${login} ${name}`);
/** Everything in the stores, as it stands there. */
const everything = async () => ({
  directory: await asAdmin(stores.ldap, async (client) => {
    const { searchEntries } = await client.search("dc=example,dc=org", {
      attributes: ["*", "entryCSN", "entryUUID"],
    });
    return searchEntries;
  }),
  rows: await stores.query("SELECT *, xmin FROM users ORDER BY id"),
  roles: await stores.query("SELECT *, xmin FROM user_roles ORDER BY 1, 2"),
  badges: await stores.badges(),
});
const twice = async () => {
  const before = await everything();
  expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], failed: [], errors: [] });
  world.restart();
  expect(tell(await world.plan())).toMatchObject({ withheld: [], findings: [], errors: [] });
  expect(await everything()).toEqual(before);
};
const clean = { failed: [], left: [], withheld: [], findings: [], errors: [] };

test("a joiner, a mover, a leaver and a rehire, in a directory, a database and a CSV file at once; twice changes nothing", async () => {
  world.put(
    person("ann", { manager: { name: "bob" } }),
    person("bob"),
    person("cid", { department: "Sales" }),
  );
  expect(tell(await world.apply())).toMatchObject(clean);
  expect(await entry("ann", "mail", "manager", "employeeType")).toMatchObject({
    mail: ["ann@example.org"],
    manager: [`uid=bob,${stores.ldap.peopleDn}`],
    employeeType: [],
  });
  expect(await members("lab")).toEqual(["ann", "bob"]);
  expect(await users()).toMatchObject([{ login: "ann" }, { login: "bob" }, { login: "cid", blocked: false }]);
  expect(await roles()).toEqual(["ann reader", "bob reader", "cid seller"]);
  expect((await stores.badges()).split("\n").slice(1, 4)).toEqual([
    "E-ann,ann,Research,active,lab",
    "E-bob,bob,Research,active,lab",
    "E-cid,cid,Sales,active,shop",
  ]);
  await twice();

  // The roles are no longer new. A mover: the new is given, the old is taken, and nothing else.
  world.now += hour;
  world.edit("Identity/ann", { department: "Sales" });
  expect(tell(await world.apply())).toMatchObject(clean);
  expect([await members("lab"), await members("shop")]).toEqual([["bob"], ["ann", "cid"]]);
  expect(await roles()).toEqual(["ann seller", "bob reader", "cid seller"]);
  expect(await stores.badges()).toContain("E-ann,ann,Sales,active,shop");
  await twice();

  // A leaver.
  const before = await entry("bob", "entryUUID");
  world.edit("Identity/bob", { lifecycle: { state: "Inactive" } });
  expect(tell(await world.apply())).toMatchObject(clean);
  expect(await entry("bob", "employeeType")).toMatchObject({ employeeType: ["Gone"] });
  expect(await members("lab")).toEqual([]);
  expect(await users()).toMatchObject([{}, { login: "bob", blocked: true }, {}]);
  expect(await roles()).toEqual(["ann seller", "cid seller"]);
  expect(await stores.badges()).toMatch(/^E-bob,bob,Research,blocked,?$/m);
  await twice();

  // Back again: the same accounts.
  world.now += 24 * hour;
  world.edit("Identity/bob", { lifecycle: undefined });
  expect(tell(await world.apply())).toMatchObject(clean);
  expect(await entry("bob", "entryUUID", "employeeType")).toMatchObject({ ...before, employeeType: [] });
  expect(await users()).toMatchObject([{}, { login: "bob", blocked: false }, {}]);
  expect(await roles()).toContain("bob reader");
  expect(await stores.badges()).toContain("E-bob,bob,Research,active,lab");
  await twice();
});

test("what others change in each store is put right, and what is theirs is left alone", async () => {
  world.put(person("ann"), person("bob"));
  await world.apply();
  await asAdmin(stores.ldap, (client) =>
    client.add(`uid=stranger,${stores.ldap.peopleDn}`, {
      ...{ objectClass: "inetOrgPerson", uid: "stranger", cn: "stranger", sn: "stranger" },
    }),
  );
  await stores.query(
    "UPDATE users SET mail = 'wrong' WHERE login = 'ann'",
    "DELETE FROM user_roles",
    "INSERT INTO users (login) VALUES ('stranger')",
  );
  const { done, findings } = tell(await world.apply());
  expect(done.toSorted()).toEqual(["Grant ann reader", "Grant bob reader", "Update ann"]);
  expect(findings).toEqual([]);
  expect(await users()).toMatchObject([{ mail: "ann@example.org" }, {}, { login: "stranger", mail: null }]);
  expect(await entry("stranger")).toBeDefined();
  await twice();
});

describe("a wire that is cut", () => {
  const many = Array.from({ length: 40 }, (_, number) => `p${number}`);
  /** Converges, once the store can be reached again and is not waited for any longer. */
  const converges = () =>
    waitFor(async () => {
      const { errors, failed, left } = tell(await world.apply());
      return errors.length + failed.length + left.length === 0;
    });

  test.each([200, 2_000, 6_000])(
    "in the middle of an apply, after %i bytes of answers: it converges, with nobody there twice",
    async (bytes) => {
      world.put(...many.map((name) => person(name)));
      stores.ldapWire.fail({ kind: "CutAfter", bytes });
      stores.postgresWire.fail({ kind: "CutAfter", bytes });
      await world.apply();
      stores.ldapWire.heal();
      stores.postgresWire.heal();
      await converges();
      expect(await members("lab")).toEqual([...many].sort());
      expect(await users()).toHaveLength(many.length);
      expect(await roles()).toHaveLength(many.length);
      const state = await world.state();
      const lines = (await Array.fromAsync(state.journal({})))
        .flat()
        .filter((line) => line.result === "Done");
      const creates = lines.filter((line) => line.operation === "Create" && line.identity !== "");
      expect(creates).toHaveLength(3 * many.length);
      await twice();
    },
  );

  test("by a server that is killed and started again", async () => {
    world.put(...many.map((name) => person(name)));
    await world.apply();
    for (const name of many) world.edit(`Identity/${name}`, { emails: [{ value: `${name}@example.com` }] });
    const applied = world.apply();
    await stores.ldap.kill();
    await applied;
    await stores.ldap.restart();
    await converges();
    for (const name of many)
      expect(await entry(name, "mail")).toMatchObject({ mail: [`${name}@example.com`] });
    await twice();
  });

  test("to another server: nothing of it is touched", async () => {
    world.put(person("ann"));
    await world.apply();
    await using other = await startOpenLdap();
    stores.ldapWire.redirect(other.port);
    try {
      world.edit("Identity/ann", { lifecycle: { state: "Inactive" } });
      const told = tell(await world.apply());
      expect(told.errors).toEqual([expect.stringMatching(/^Conflict: Store\/directory is another store/)]);
      expect(told.done).toEqual(expect.arrayContaining(["Disable ann"]));
      expect(await readEntry(other, `uid=ann,${other.peopleDn}`)).toBeUndefined();
    } finally {
      stores.ldapWire.redirect(stores.ldap.port);
    }
    await converges();
    expect(await entry("ann", "employeeType")).toMatchObject({ employeeType: ["Gone"] });
  });
});
