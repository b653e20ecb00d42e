import { Attribute, Change, Client } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector, Outcome, StoreChange } from "../../src/connectors/contract.ts";
import type { StoreError } from "../../src/connectors/errors.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import {
  all,
  apply,
  asAdmin,
  call,
  connect,
  disposable,
  done,
  failure,
  person,
  readEntry,
  refused,
  storeBlock,
  targetOf,
} from "./ldap-setting.ts";

let server: OpenLdap;

beforeAll(async () => {
  server = await startOpenLdap();
});
afterAll(() => server.stop());

const classes = {
  groupOfNames: { attribute: "member", attributes: {} },
  groupOfUniqueNames: { attribute: "uniqueMember", attributes: {} },
  posixGroup: { attribute: "memberUid", attributes: { gidNumber: ["5000"] } },
} as const;

interface Account {
  readonly anchor: string;
  readonly name: string;
}

async function people(connector: Connector, ...uids: string[]): Promise<Account[]> {
  const outcomes = await apply(connector, ...uids.map((uid, id) => person(server, uid, id)));
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return outcome;
  });
}

function creation(
  cn: string,
  attributes: Readonly<Record<string, readonly string[]>>,
  add: readonly Account[],
): StoreChange {
  const name = `cn=${cn},${server.groupsDn}`;
  return { id: 1, kind: "members", entitlement: undefined, name, create: { attributes }, add, remove: [] };
}

function change(group: Account, add: readonly Account[], remove: readonly Account[] = []): StoreChange {
  return { id: 1, kind: "members", entitlement: group.anchor, name: group.name, add, remove };
}

const membersOf = async (connector: Connector, group: Account) =>
  (await all(connector.memberships([group.anchor], call()))).map((membership) => membership.member).sort();

describe.each(Object.entries(classes))("a %s", (objectClass, { attribute, attributes }) => {
  const block = () => ({ bases: [server.peopleDn], groups: { base: server.groupsDn, objectClass } });

  it("is created right below the base when it is known by its plain name", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, block());
    const [gus] = await people(connector, `plain-${objectClass.toLowerCase()}`);
    const cn = `Plain, ${objectClass}`;
    const [outcome] = await apply(connector, { ...creation(cn, attributes, [gus!]), name: cn });
    expect(outcome).toMatchObject({ ok: true, name: `cn=Plain\\2C ${objectClass},${server.groupsDn}` });
    const [found] = await connector.entitlements([{ name: cn, by: "Name" }], call());
    expect(found?.anchor).toBe(outcome?.ok && outcome.anchor);
  });

  it("is created, found, given and taken members, none of them twice", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, block());
    const [ada, ben, cai] = await people(
      connector,
      ...["ada", "ben", "cai"].map((one) => `${one}-${objectClass}`),
    );
    const group = await done(connector, creation(`crew ${objectClass}`, attributes, [ada!, ben!]));
    expect(
      (await connector.entitlements([{ name: `crew ${objectClass}`, by: "Name" }], call()))[0]?.anchor,
    ).toBe(group.anchor);
    const keys = (...accounts: (Account | undefined)[]) =>
      accounts.map((one) => connector.memberKey(one!)).sort();
    expect(await membersOf(connector, group)).toEqual(keys(ada, ben));
    // Ben is in already, and nobody is told so.
    await done(connector, change(group, [ben!, cai!], [ada!]));
    await done(connector, change(group, [ben!, cai!], [ada!]));
    expect(await membersOf(connector, group)).toEqual(keys(ben, cai));
    expect((await readEntry(server, group.name, attribute))?.[attribute]).toHaveLength(2);
  });

  it("tells the version after a change that a scan then tells", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, block());
    const [dot, eve] = await people(connector, `dot-${objectClass}`, `eve-${objectClass}`);
    const group = await done(connector, creation(`versioned ${objectClass}`, attributes, [dot!]));
    const outcome = await done(connector, change(group, [eve!]));
    const seen = await all(connector.scan("entitlements", call()));
    expect(seen.find(({ anchor }) => anchor === group.anchor)?.version).toBe(outcome.version);
  });
});

describe("the last member of a group", () => {
  it("is refused to go where the target names no filler, and all others go", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const crew = await people(connector, "last-1", "last-2", "last-3");
    const group = await done(connector, creation("last", {}, crew));
    const outcome = (await done(connector, change(group, [], crew))) as Outcome & { ok: true };
    expect(outcome.refused?.size).toBe(1);
    const [[key, error]] = [...outcome.refused!] as [[string, StoreError]];
    expect(error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("groups.filler") });
    expect(await membersOf(connector, group)).toEqual([key]);
  });

  it("leaves a filler behind that is never reported", async () => {
    await using connection = disposable(connect(server));
    const filler = `cn=nobody,${server.suffix}`;
    const connector = targetOf(connection.it, {
      groups: { base: server.groupsDn, filler: filler.toUpperCase() },
    });
    const crew = await people(connector, "filled-1", "filled-2");
    const group = await done(connector, creation("filled", {}, crew));
    await done(connector, change(group, [], crew));
    await done(connector, change(group, [], crew));
    expect(await membersOf(connector, group)).toEqual([]);
    expect((await readEntry(server, group.name, "member"))?.member).toHaveLength(1);
    await done(connector, change(group, crew));
    expect(await membersOf(connector, group)).toHaveLength(2);
  });

  it("cannot be missing from a new group", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const error = await refused(connector, creation("empty", {}, []));
    expect([error.kind, error.message]).toEqual(["Invalid", expect.stringContaining("groups.filler")]);
  });
});

describe("a group", () => {
  it("takes all members but those that the server refuses, each with its own error", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const good = await people(connector, ...Array.from({ length: 20 }, (_, n) => `good-${n}`));
    const bad = ["not a name", "uid=x,,"].map((name) => ({ anchor: name, name }));
    const group = await done(connector, creation("picky", {}, [good[0]!]));
    const outcome = (await done(
      connector,
      change(group, [...good.slice(1, 9), ...bad, ...good.slice(9)]),
    )) as Outcome & { ok: true };
    expect([...outcome.refused!.keys()].sort()).toEqual(bad.map((one) => connector.memberKey(one)).sort());
    expect(await membersOf(connector, group)).toHaveLength(20);
  });

  it("takes and gives more members than one request holds", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    // Names are all a group keeps: nobody has to be there.
    const many = Array.from({ length: 11_000 }, (_, n) => ({
      anchor: "",
      name: `uid=many-${n},ou=else,${server.suffix}`,
    }));
    const group = await done(connector, creation("many", {}, many));
    expect(await membersOf(connector, group)).toHaveLength(11_000);
    const outcome = await done(connector, change(group, many.slice(0, 10), many.slice(10)));
    expect(outcome.refused).toBeUndefined();
    expect(await membersOf(connector, group)).toHaveLength(10);
  });

  it("that somebody replaced by another of its name is not changed", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const crew = await people(connector, "swapped-1", "swapped-2");
    const group = await done(connector, creation("swapped", {}, [crew[0]!]));
    await asAdmin(server, async (client) => {
      await client.del(group.name);
      await client.add(group.name, { objectClass: "groupOfNames", cn: "swapped", member: crew[0]!.name });
    });
    expect((await refused(connector, change(group, [crew[1]!]))).kind).toBe("Moved");
  });

  it("that was renamed is Moved, and says where to", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const crew = await people(connector, "renamed-1", "renamed-2");
    const group = await done(connector, creation("old name", {}, [crew[0]!]));
    await asAdmin(server, (client) => client.modifyDN(group.name, "cn=new name"));
    const error = await refused(connector, change(group, [crew[1]!]));
    expect([error.kind, error.message]).toEqual(["Moved", expect.stringContaining("cn=new name")]);
  });

  it("whose name two share is Invalid by name, and found by DN", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { groups: { base: server.groupsDn } });
    const crew = await people(connector, "shared-1");
    const sub = `ou=sub,${server.groupsDn}`;
    await asAdmin(server, (client) => client.add(sub, { objectClass: "organizationalUnit", ou: "sub" }));
    const group = await done(connector, creation("shared", {}, crew));
    await done(connector, { ...creation("shared", {}, crew), name: `cn=Shared,${sub}` } as StoreChange);
    const error = await failure(connector.entitlements([{ name: "shared", by: "Name" }], call()));
    expect([error.kind, error.message]).toEqual(["Invalid", expect.stringContaining("by DN or Id")]);
    expect((await connector.entitlements([{ name: group.name, by: "DN" }], call()))[0]?.anchor).toBe(
      group.anchor,
    );
  });

  it("whose members are hidden by access rules is an error, not empty", async () => {
    await using hidden = await startOpenLdap();
    await asAdmin(hidden, (client) =>
      client.add(`cn=hidden,${hidden.groupsDn}`, {
        objectClass: "groupOfNames",
        cn: "hidden",
        member: hidden.adminDn,
      }),
    );
    await hide(hidden, "member");
    await using connection = disposable(
      connect(
        hidden,
        { ...storeBlock(hidden), bind: { dn: hidden.readerDn, password: { env: "READER" } } },
        { READER: hidden.readerPassword },
      ),
    );
    const connector = targetOf(connection.it, { groups: { base: hidden.groupsDn } });
    const [group] = await connector.entitlements([{ name: "hidden", by: "Name" }], call());
    const error = await failure(all(connector.memberships([group!.anchor], call())));
    expect([error.kind, error.message]).toEqual(["Denied", expect.stringContaining("member cannot be read")]);
  });

  it("of posixGroup class refuses an account that is not named by uid", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, {
      groups: { base: server.groupsDn, objectClass: "posixGroup" },
    });
    const group = await done(connector, creation("posix only", { gidNumber: ["5001"] }, []));
    const outcome = (await done(
      connector,
      change(group, [{ anchor: "x", name: `cn=Ada,${server.peopleDn}` }]),
    )) as Outcome & { ok: true };
    expect([...outcome.refused!.values()][0]).toMatchObject({
      kind: "Invalid",
      message: expect.stringContaining("uid"),
    });
  });
});

/** Hides an attribute from everybody but the administrator. */
async function hide(hidden: OpenLdap, attribute: string): Promise<void> {
  const client = new Client({ url: hidden.url });
  await client.bind("cn=admin,cn=config", hidden.adminPassword);
  const rule = new Attribute({ type: "olcAccess", values: [`{0}to attrs=${attribute} by * none`] });
  await client.modify("olcDatabase={1}mdb,cn=config", new Change({ operation: "add", modification: rule }));
  await client.unbind();
}
