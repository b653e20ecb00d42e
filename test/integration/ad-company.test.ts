import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { person } from "../support/company.ts";
import { RealWorld } from "../support/real-stores.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { allowRestoring } from "../support/samba-restoring.ts";
import { type SecondSamba, startSecondSamba } from "../support/samba-second.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { tell } from "../support/told.ts";
import { type At, asAdmin } from "./ad-setting.ts";

let first: Samba;
let second: SecondSamba;
let wire: TcpProxy;
let world: RealWorld;

const clean = { failed: [], left: [], withheld: [], findings: [], errors: [] };
const idle = { ...clean, done: [] };

beforeAll(async () => {
  first = await startSamba({ replicates: true });
  await allowRestoring(first);
  second = await startSecondSamba(first);
  wire = await startTcpProxy(636, first.address);
});

beforeEach(() => {
  world = company();
});

afterEach(async () => {
  wire.heal();
  await asAdmin(first, async (client) => {
    for (const base of [first.groupsDn, first.peopleDn]) {
      const { searchEntries } = await client.search(base, { scope: "one", attributes: ["1.1"] });
      for (const { dn } of searchEntries) await client.del(dn);
    }
  });
  await second.pull();
});

afterAll(async () => {
  await wire.close();
  await second.stop();
  await first.stop();
});

/** A company in a domain of two controllers, the first behind a wire that can be cut; nobody is in it yet. */
function company(replication = "5m"): RealWorld {
  const environment = { PASSWORD: first.servicePassword, CA: first.ca.text + second.ca.text };
  const urls = [`ldaps://127.0.0.1:${wire.port}`, second.ldapsUrl];
  const bind = { name: first.serviceName, password: { env: "PASSWORD" } };
  const lab = { target: { name: "domain" }, entitlements: [{ name: "lab", ensure: true }] };
  const members = { when: "identity.department == 'Research'" };
  const store = { activeDirectory: { urls, bind, ca: { env: "CA" }, replication } };
  const target = {
    store: { name: "domain" },
    mode: "Enforce",
    accounts: {
      when: "identity.userType == 'Employee'",
      name: { expression: `dn('CN', identity.userName, '${first.peopleDn}')` },
      match: [{ keys: ["employeeNumber"], strong: true }],
      attributes: {
        sAMAccountName: { expression: "identity.userName" },
        employeeNumber: { expression: "identity.employeeNumber" },
        mail: { expression: "primary(identity.emails)" },
        department: { expression: "identity.department" },
        manager: { expression: "accountOf(identity.manager)" },
      },
    },
    activeDirectory: { bases: [first.peopleDn], groups: { base: first.groupsDn } },
  };
  return new RealWorld("/nonexistent", environment).put(
    { kind: "Store", name: "domain", spec: { ...store, boundary: { bases: [first.managedDn] } } },
    { kind: "Target", name: "domain", spec: target },
    { kind: "AccessProfile", name: "lab", spec: lab },
    { kind: "BusinessRole", name: "research", spec: { members, accessProfiles: [{ name: "lab" }] } },
  ) as RealWorld;
}

/** Who is there, and an attribute of theirs. */
function people(attribute: string, at: At = first): Promise<Record<string, string[]>> {
  return asAdmin(
    first,
    async (client) => {
      const attributes = ["sAMAccountName", attribute];
      const { searchEntries } = await client.search(first.peopleDn, { scope: "one", attributes });
      const entries = searchEntries.map((entry) => [
        String(entry.sAMAccountName),
        [entry[attribute] ?? []].flat().map(String),
      ]);
      return Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    },
    at,
  );
}

const dn = (name: string) => `CN=${name},${first.peopleDn}`;
const lab = () => `CN=lab,${first.groupsDn}`;

test("a whole company comes to be in a domain, managers of one another among them, and twice changes nothing", async () => {
  world.put(
    person("ann", { manager: { name: "bob" } }),
    person("bob", { manager: { name: "ann" } }),
    person("cid", { manager: { name: "bob" }, department: "Sales" }),
  );
  expect(tell(await world.apply())).toMatchObject(clean);
  expect(await people("manager")).toEqual({ ann: [dn("bob")], bob: [dn("ann")], cid: [dn("bob")] });
  expect(await people("memberOf")).toEqual({ ann: [lab()], bob: [lab()], cid: [] });
  expect(tell(await world.apply({ full: true }))).toMatchObject(idle);
  world.restart();
  expect(tell(await world.plan())).toMatchObject(idle);
});

test("whom somebody deleted comes back as the object they were, with their groups, where the target repairs that", async () => {
  world.put(person("ann"), person("bob"));
  world.edit("Target/domain", { outside: { missing: "Repair" } });
  expect(tell(await world.apply())).toMatchObject(clean);
  const before = await people("objectSid");
  await asAdmin(first, (client) => client.del(dn("ann")));
  expect(tell(await world.apply())).toMatchObject(clean);
  expect(await people("objectSid")).toEqual(before);
  expect(await people("memberOf")).toEqual({ ann: [lab()], bob: [lab()] });
  expect(tell(await world.apply({ full: true }))).toMatchObject(idle);
});

describe("a controller that goes away in the middle of a batch", () => {
  const names = Array.from({ length: 120 }, (_, n) => `joiner${n}`);

  test("and comes back: what got no answer is looked up, and everybody is there once", async () => {
    world.put(...names.map((name) => person(name)));
    await world.plan();
    wire.fail({ kind: "CutAfter", bytes: 60_000 });
    await world.apply();
    await first.kill();
    const without = tell(await world.apply());
    expect(without.done).toEqual([]);
    // The other one lacks what was made, so that it is not asked.
    expect(without.errors.join()).toMatch(
      /Unavailable: .*what was changed at dc1.ad.example.test has not arrived/,
    );
    await first.restart();
    expect(tell(await world.apply())).toMatchObject(clean);
    expect(Object.keys(await people("memberOf")).toSorted()).toEqual(names.toSorted());
    expect(tell(await world.apply({ full: true }))).toMatchObject(idle);
  });

  test("for good, with all that was made at the other one: that one is worked with from then on", async () => {
    world.put(person("ann"), person("bob"));
    expect(tell(await world.apply())).toMatchObject(clean);
    await second.pull();
    await first.kill();
    expect(tell(await world.apply())).toMatchObject(idle);
    world.put(person("ann", { department: "Sales" }), person("dora"));
    expect(tell(await world.apply()).failed).toEqual([]);
    // Revocations wait for edits to settle.
    world.now += 3_600_000;
    expect(tell(await world.apply())).toMatchObject({
      ...clean,
      done: [expect.stringMatching(/^Revoke ann CN=lab/)],
    });
    expect(await people("department", second)).toEqual({
      ann: ["Sales"],
      bob: ["Research"],
      dora: ["Research"],
    });
    await first.restart();
    await second.push();
    expect(await people("memberOf")).toEqual({ ann: [], bob: [lab()], dora: [lab()] });
  });

  test("for good, with what was made at it alone: nobody is made twice, and who is missing is told", async () => {
    world = company("1ms");
    world.put(person("ann", { department: "Sales" }));
    expect(tell(await world.apply())).toMatchObject(clean);
    await first.kill();
    const told = tell(await world.apply());
    expect(told).toMatchObject({ done: [], failed: [], errors: [] });
    expect(told.findings.join()).toMatch(/ann/);
    expect(await people("memberOf", second)).toEqual({});
    await first.restart();
    await second.pull();
    expect(tell(await world.apply())).toMatchObject(idle);
    expect(Object.keys(await people("memberOf", second))).toEqual(["ann"]);
  });
});
