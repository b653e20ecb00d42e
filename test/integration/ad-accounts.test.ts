import { Client } from "ldapts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Connector, StoreChange, StoreConnection } from "../../src/connectors/contract.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { hideAccountControl } from "../support/samba-restoring.ts";
import { asAdmin, connect, modification, person, readEntry, storeBlock, targetOf } from "./ad-setting.ts";
import { call, done, failure, refused } from "./ldap-setting.ts";

let server: Samba;
let connection: StoreConnection;
let connector: Connector;
const attributes = ["description", "manager", "accountExpires", "lockoutTime", "displayName"];
let number = 0;
let uid: string;
let dn: string;

beforeAll(async () => {
  server = await startSamba();
  connection = connect(server);
  connector = targetOf(connection, server, { attributes });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});
beforeEach(() => {
  uid = `ada${number++}`;
  dn = `CN=${uid},${server.peopleDn}`;
});

const password = { value: "Correct-Horse.7battery", mustChange: false };
const create = (more: Partial<Extract<StoreChange, { kind: "create" }>> = {}) =>
  done(connector, { ...person(server, uid), enabled: true, password, ...more });
const edit = (type: string, ...values: string[]) =>
  asAdmin(server, (client) => client.modify(dn, modification("replace", type, ...values)));
const value = async (name: string, of = dn) =>
  (await readEntry(server, of, { attributes: [name] }))?.[name]?.[0];

async function read(by = connector) {
  const [found] = await by.find([{ keys: { sAMAccountName: uid } }], call());
  expect(found).toHaveLength(1);
  return found![0]!;
}

async function change(more: Partial<Extract<StoreChange, { kind: "modify" }>>, by = connector) {
  const { anchor, name } = await read(by);
  return await done(by, { id: 1, kind: "modify", anchor, name, attributes: [], ...more });
}

describe("userAccountControl", () => {
  it("is changed by the one bit that disables, and keeps all others", async () => {
    await create();
    await edit("userAccountControl", String(0x10200 | 0x100000));
    for (const [enabled, control] of [
      [false, 0x110202],
      [false, 0x110202],
      [true, 0x110200],
    ] as const) {
      await change({ enabled });
      expect(Number(await value("userAccountControl"))).toBe(control);
    }
  });

  it("that is hidden tells nothing: nobody is taken for enabled", async () => {
    const { anchor } = await create({ enabled: false });
    await hideAccountControl(server, dn);
    const error = await failure(connector.fetch([anchor], call()));
    expect([error.kind, error.message]).toEqual([
      "Denied",
      `cannot tell whether ${dn} is enabled: userAccountControl cannot be read; give the bind DN the right to`,
    ]);
    await asAdmin(server, (client) => client.del(dn));
  });

  it("cannot be mapped, nor what else the domain keeps of an account", async () => {
    const { attributes } = await connector.schema(call());
    for (const name of ["userAccountControl", "pwdLastSet", "sIDHistory", "memberOf", "adminCount"])
      expect(attributes.get(name.toLowerCase()), name).toMatchObject({ readOnly: true });
  });
});

describe("a disabled account", () => {
  it("lies where the target says, and comes back to the name that the plan says", async () => {
    const moving = targetOf(connection, server, { attributes, disable: { moveTo: server.disabledDn } });
    await create();
    await change({ enabled: false }, moving);
    const away = `CN=${uid},${server.disabledDn}`;
    expect(await read(moving)).toMatchObject({ name: away, enabled: false });
    expect(await value("userAccountControl", away)).toBe("514");
    await change({ enabled: true, rename: dn }, moving);
    expect(await read(moving)).toMatchObject({ name: dn, enabled: true });
  });
});

describe("times", () => {
  it("are RFC 3339, and none where the account never expires", async () => {
    await create();
    expect((await read()).attributes.accountExpires).toBeUndefined();
    const end = { name: "accountExpires", before: [], after: ["2036-03-31T17:00:00+02:00"] };
    await change({ attributes: [end] });
    expect((await read()).attributes.accountExpires).toEqual(["2036-03-31T15:00:00Z"]);
    await change({ attributes: [{ ...end, before: end.after, after: [] }] });
    expect(await value("accountExpires")).toBe("0");
    expect((await read()).attributes.accountExpires).toBeUndefined();
  });

  it("compare as moments, however a manifest writes them", async () => {
    const { attributes } = await connector.schema(call());
    expect(attributes.get("accountexpires")?.matching).toBe("time");
    expect(attributes.get("whencreated")?.matching).toBe("time");
  });

  it("that are none are refused", async () => {
    await create();
    const { anchor, name } = await read();
    const wrong = { name: "accountExpires", before: [], after: ["soon"] };
    const error = await refused(connector, { id: 1, kind: "modify", anchor, name, attributes: [wrong] });
    expect(error).toMatchObject({
      kind: "Invalid",
      message: expect.stringContaining("accountExpires: it is a time"),
    });
  });
});

describe("attributes", () => {
  it("that name other accounts are compared as names", async () => {
    await create({ attributes: { sAMAccountName: [uid], manager: [server.readerDn] } });
    expect((await read()).attributes.manager).toEqual([server.readerDn]);
    expect((await connector.schema(call())).attributes.get("manager")?.matching).toBe("distinguishedName");
  });

  it("that list addresses are compared to the letter: the primary one is told by its capitals", async () => {
    const [old, now] = [
      ["SMTP:ada@x.test", "smtp:al@x.test"],
      ["smtp:ada@x.test", "SMTP:al@x.test"],
    ];
    await create({ attributes: { sAMAccountName: [uid], proxyAddresses: old } });
    const mapped = targetOf(connection, server, { attributes: ["proxyAddresses"] });
    await change({ attributes: [{ name: "proxyAddresses", before: old, after: now }] }, mapped);
    expect((await read(mapped)).attributes.proxyAddresses?.toSorted()).toEqual(now.toSorted());
  });

  it("of users have one value where the schema would allow several, and lengths that a plan can check", async () => {
    const { attributes } = await connector.schema(call());
    expect(attributes.get("description")).toMatchObject({ multiValued: false, maxLength: 1024 });
    expect(attributes.get("samaccountname")).toMatchObject({ required: true, maxLength: 20 });
  });

  it("are looked for under the domain's own rule, which the case of letters does not matter to", async () => {
    await create({ attributes: { sAMAccountName: [uid], displayName: ["Ada Lovelace"] } });
    const [found] = await connector.find([{ keys: { displayName: "ADA LOVELACE" } }], call());
    expect(found!.map(({ name }) => name)).toContain(dn);
  });
});

describe("a change", () => {
  it("hits the very account that it is for, though another has its name by now", async () => {
    await create();
    const { anchor, name } = await read();
    await asAdmin(server, (client) => client.modifyDN(dn, `CN=${uid} elsewhere`));
    await asAdmin(server, (client) =>
      client.add(dn, { objectClass: "user", sAMAccountName: `${uid}x`, userAccountControl: "514" }),
    );
    const attributes = [{ name: "description", before: [], after: ["ours"] }];
    const error = await refused(connector, { id: 1, kind: "modify", anchor, name, attributes });
    expect(error.kind).toBe("Moved");
    expect(await value("description")).toBeUndefined();
  });

  it("of an account that somebody else has changed since it was read is not made", async () => {
    await create();
    const { anchor, name, version } = await read();
    await edit("displayName", "theirs");
    const attributes = [{ name: "displayName", before: [], after: ["ours"] }];
    const change = { id: 1, kind: "modify", anchor, name, attributes, expect: version } as const;
    expect((await refused(connector, change)).kind).toBe("Moved");
    const gone = await refused(connector, { id: 1, kind: "delete", anchor, name, expect: version });
    expect(gone.kind).toBe("Moved");
    expect(await value("displayName")).toBe("theirs");
    await done(connector, { ...change, expect: (await read()).version });
    expect(await value("displayName")).toBe("ours");
  });

  it("to a logon name that another has is a Conflict that says so", async () => {
    await create();
    const error = await refused(connector, {
      ...person(server, uid, 1),
      name: `CN=${uid} again,${server.peopleDn}`,
    });
    expect(error).toMatchObject({ kind: "Conflict", message: expect.stringContaining("sAMAccountName") });
  });

  it("that leads where there is nothing says what to create", async () => {
    await create();
    const { anchor, name } = await read();
    const rename = `CN=${uid},OU=Nowhere,${server.managedDn}`;
    const error = await refused(connector, { id: 1, kind: "modify", anchor, name, attributes: [], rename });
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("organizational unit") });
  });
});

describe("who may not be changed", () => {
  it("is whoever has administrative rights, unless the store says otherwise", async () => {
    await create();
    expect((await read()).protected).toBeUndefined();
    await edit("adminCount", "1");
    expect((await read()).protected).toMatch(/adminCount is 1/);
    const managing = connect(server, { store: storeBlock(server, { adminAccounts: "Managed" }) });
    expect((await read(targetOf(managing, server))).protected).toBeUndefined();
    await managing.close();
  });

  it("is the account that Rollcall is logged in as, by whatever name, and what the domain needs", async () => {
    const everywhere = targetOf(connection, server, { bases: [] });
    const names = [server.serviceDn, `CN=krbtgt,CN=Users,${server.suffix}`, server.readerDn];
    const found = await everywhere.find(
      names.map((name) => ({ keys: {}, name })),
      call(),
    );
    expect(found.map(([account]) => account?.protected)).toEqual([
      expect.stringMatching(/logged in/),
      expect.stringMatching(/the domain itself/),
      undefined,
    ]);
  });

  it("is a group with administrative rights", async () => {
    const [group] = await connector.entitlements(
      [{ name: `CN=Domain Admins,CN=Users,${server.suffix}`, by: "DN" }],
      call(),
    );
    expect(group?.protected).toMatch(/adminCount is 1/);
  });
});

describe("trouble", () => {
  it("is told of an enabled account: a password to be changed first, an end that has come", async () => {
    await create({ password: { ...password, mustChange: true } });
    expect((await read()).trouble).toEqual(["MustChangePassword"]);
    await change({ password: { value: "Another_Staple#9paper", mustChange: false } });
    expect((await read()).trouble).toBeUndefined();
    await edit("accountExpires", "133485408000000000");
    expect((await read()).trouble).toEqual(["Expired"]);
    await change({ enabled: false });
    expect((await read()).trouble).toBeUndefined();
  });
});

describe("an account that was locked out by wrong passwords", () => {
  const threshold = (attempts: string) =>
    asAdmin(server, (client) =>
      client.modify(server.suffix, modification("replace", "lockoutThreshold", attempts)),
    );

  it("is told of, stays enabled, and is unlocked by clearing lockoutTime", async () => {
    await create();
    await threshold("1");
    try {
      const client = new Client({ url: server.ldapsUrl, tlsOptions: { ca: [server.ca.text] } });
      await expect(client.bind(dn, "wrong")).rejects.toThrow();
      await client.unbind();
      const { trouble, enabled, attributes } = await read();
      expect({ trouble, enabled }).toEqual({ trouble: ["Locked"], enabled: true });
      const locked = attributes.lockoutTime!;
      await change({ attributes: [{ name: "lockoutTime", before: locked, after: [] }] });
      expect((await read()).trouble).toBeUndefined();
    } finally {
      await threshold("0");
    }
  });
});

describe("a password", () => {
  it.each([
    ["kurz", "too short"],
    ["allsmallletters", "complexity"],
  ])(
    "that breaks a rule (%s) is refused in the domain's words and with all its rules",
    async (value, words) => {
      const error = await refused(connector, {
        ...person(server, uid),
        password: { value, mustChange: false },
      });
      expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining(words) });
      expect(error.message).toContain("the domain wants at least 7 characters; three of capital letters");
      expect(error.message).not.toContain(value);
    },
  );
});
