import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector, Member, StoreConnection } from "../../src/connectors/contract.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { editPartition } from "../support/samba-database.ts";
import { asAdmin, connect, modification, person, readEntry, storeBlock, targetOf } from "./ad-setting.ts";
import { apply, call, disposable, done, failure, refused } from "./ldap-setting.ts";

let server: Samba;
let connection: StoreConnection;
let connector: Connector;

const attributes = ["description", "displayName", "manager", "userPrincipalName"];

beforeAll(async () => {
  server = await startSamba();
  connection = connect(server);
  connector = targetOf(connection, server, { attributes });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

describe("an account that cannot be made says why, and what to do:", () => {
  it.each([
    [
      "outside of what was delegated",
      (suffix: string) => ({ name: `CN=x,CN=Users,${suffix}` }),
      "Denied",
      /cannot add CN=x,CN=Users,.*insufficient access rights \(50\).*; give the bind DN the right/,
    ],
    [
      "in a unit that is not there",
      (suffix: string) => ({ name: `CN=x,OU=Nowhere,${suffix}` }),
      "NotFound",
      /parent does not exist!; create the entry that it is to lie in/,
    ],
    [
      "in another domain",
      () => ({ name: "CN=x,OU=People,DC=elsewhere,DC=test" }),
      "NotFound",
      /; create the entry that it is to lie in/,
    ],
    [
      "where no accounts may lie",
      (suffix: string) => ({ name: `CN=x,CN=Configuration,${suffix}` }),
      "Invalid",
      /naming violation \(64\).*structural objectClass user is not a valid child/,
    ],
  ] as const)("%s", async (_, where, kind, words) => {
    const error = await refused(connector, { ...person(server, "x"), ...where(server.suffix) });
    expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(words)]);
  });

  it.each([
    [
      "a value that is too long",
      { displayName: ["x".repeat(300)] },
      "Invalid",
      /'displayName'.*invalid value/,
    ],
    [
      "two values of an attribute that has one",
      { displayName: ["a", "b"] },
      "Invalid",
      /SINGLE-VALUE attribute displayName/,
    ],
    [
      "a manager who is not there",
      { manager: ["CN=nobody,DC=ad,DC=example,DC=test"] },
      "Invalid",
      /Referenced object not found/,
    ],
    ["a manager that is no name", { manager: ["the boss"] }, "Invalid", /could not parse the boss/],
    [
      "an attribute that the schema does not know",
      { shoeSize: ["44"] },
      "Invalid",
      /'shoeSize'.*; extend the domain's schema, or unmap/,
    ],
    [
      "an attribute of other objects",
      { groupType: ["2"] },
      "Invalid",
      /'groupType'.*; map what the object class requires/,
    ],
    [
      "a principal name that another has",
      { userPrincipalName: ["svc-reader@ad.example.test"] },
      "Conflict",
      /already in use/,
    ],
  ] as const)("%s", async (_, values, kind, words) => {
    const change = person(server, "bad");
    const error = await refused(connector, { ...change, attributes: { ...change.attributes, ...values } });
    expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(words)]);
    expect(await readEntry(server, change.name)).toBeUndefined();
  });
});

describe("a change that a controller is unwilling to make says which rule is against it:", () => {
  let account: Member;
  beforeEach(async () => {
    const { anchor, name } = await done(connector, person(server, "rules"));
    account = { anchor, name };
    return () => asAdmin(server, (client) => client.del(name).catch(() => undefined));
  });

  it("an id that the domain gives", async () => {
    const delta = { name: "objectSid", before: [], after: ["AQUAAAAAAAUVAAAA"] };
    const error = await refused(connector, { id: 1, kind: "modify", ...account, attributes: [delta] });
    expect([error.kind, error.message]).toEqual([
      "Invalid",
      expect.stringMatching(/unwilling to perform \(53\).*objectSid/),
    ]);
  });

  it("a name by another attribute", async () => {
    const rename = `OU=rules,${server.peopleDn}`;
    const error = await refused(connector, { id: 1, kind: "modify", ...account, attributes: [], rename });
    expect([error.kind, error.message]).toEqual(["Invalid", expect.stringMatching(/RDN/)]);
  });

  it("a name that another has", async () => {
    const other = await done(connector, person(server, "rules-other"));
    const error = await refused(connector, {
      id: 1,
      kind: "modify",
      ...account,
      attributes: [],
      rename: other.name,
    });
    expect([error.kind, error.message]).toEqual(["Conflict", expect.stringMatching(/CN=rules/)]);
  });

  it("something lies below it", async () => {
    await asAdmin(server, (client) => client.add(`CN=below,${account.name}`, { objectClass: "classStore" }));
    const error = await refused(connector, { id: 1, kind: "delete", ...account });
    expect([error.kind, error.message]).toEqual([
      "Invalid",
      expect.stringMatching(/non-leaf.*; remove the entries below it first/),
    ]);
    await asAdmin(server, (client) => client.del(`CN=below,${account.name}`));
  });
});

describe("one bad member", () => {
  const nobody = {
    anchor: "5985cb42-b676-4319-bdd0-0df4025f90f5",
    name: "CN=nobody,DC=ad,DC=example,DC=test",
  };

  it("does not keep a group from being made, nor others from being in it", async () => {
    const one = await done(connector, person(server, "good"));
    const change = {
      id: 1,
      kind: "members",
      entitlement: undefined,
      create: { attributes: {} },
      remove: [],
    } as const;
    const [outcome] = await apply(connector, { ...change, name: "mixed", add: [nobody, one] });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome?.ok && [...outcome.refused!.keys()]).toEqual([connector.memberKey(nobody)]);
    const { member } = (await readEntry(server, `CN=mixed,${server.groupsDn}`))!;
    expect(member).toEqual([one.name]);
  });

  it("does not keep others from joining a group that is there", async () => {
    const people = await Promise.all([1, 2, 3].map((n) => done(connector, person(server, `joiner${n}`))));
    const group = await done(connector, {
      ...{ id: 1, kind: "members", entitlement: undefined, name: "joined", create: { attributes: {} } },
      ...{ add: [], remove: [] },
    });
    const change = {
      id: 1,
      kind: "members",
      entitlement: group.anchor,
      name: group.name,
      remove: [],
    } as const;
    const [outcome] = await apply(connector, { ...change, add: [people[0]!, nobody, ...people.slice(1)] });
    expect(outcome?.ok && [...outcome.refused!.keys()]).toEqual([connector.memberKey(nobody)]);
    expect((await readEntry(server, group.name))!.member).toHaveLength(3);
  });
});

it("a service account that is locked out is told of as such", async () => {
  const password = "Locked-Passw0rd!";
  const dn = `CN=lockable,CN=Users,${server.suffix}`;
  await asAdmin(server, async (client) => {
    await client.add(dn, {
      objectClass: "user",
      sAMAccountName: "lockable",
      userAccountControl: "512",
      unicodePwd: quoted(password),
    });
    await client.modify(server.suffix, [modification("replace", "lockoutThreshold", "2")]);
  });
  const bind = { name: dn, password: { env: "LOCKED" } };
  const attempt = async (secret: string) => {
    await using store = disposable(
      connect(server, { store: storeBlock(server, { bind }), secrets: { LOCKED: secret } }),
    );
    return await failure(store.it.fingerprint(call()));
  };
  for (let time = 0; time < 3; time++) await attempt("wrong");
  const error = await attempt(password);
  expect(error.kind).toBe("Unauthenticated");
  expect(error.message).toMatch(/data 775.*; unlock the service account, and find out who uses it/);
});

/** A password as a controller takes it; the client's types know of texts alone. */
function quoted(password: string): string {
  return Buffer.from(`"${password}"`, "utf16le") as unknown as string;
}

describe("sIDHistory", () => {
  it("stays as it is, whatever else is changed", async () => {
    const sid = "S-1-5-21-1-2-3-1001";
    const { anchor, name } = await done(connector, person(server, "migrated"));
    const ldif = `dn: ${name}\nchangetype: modify\nadd: sIDHistory\nsIDHistory: ${sid}\n`;
    await editPartition(server, ldif);
    const history = () => readEntry(server, name, { attributes: ["sIDHistory", "description"] });
    const before = (await history())!.sIDHistory;
    expect(before).toHaveLength(1);
    const delta = { name: "description", before: [], after: ["moved here"] };
    await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [delta], enabled: false });
    expect(await history()).toMatchObject({ sIDHistory: before, description: ["moved here"] });
    expect((await connector.schema(call())).attributes.get("sidhistory")?.readOnly).toBe(true);
  });
});
