import { SearchRequest } from "ldapts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Connector, Member, StoreConnection } from "../../src/connectors/contract.ts";
import { Connection } from "../../src/connectors/ldap/connection.ts";
import { everything } from "../../src/connectors/ldap/filter.ts";
import { hasParts, type ReadEntry, withAllValues } from "../../src/connectors/ldap/ranges.ts";
import { openSession } from "../../src/connectors/ldap/session.ts";
import type { LdapEntry } from "../../src/connectors/ldap/wire.ts";
import { normaliseName } from "../../src/core/model/distinguished-name.ts";
import { type Samba, startSamba } from "../support/samba.ts";
import { fillGroup } from "../support/samba-members.ts";
import { asAdmin, connect, modification, person, readEntry, targetOf } from "./ad-setting.ts";
import { all, apply, call, done } from "./ldap-setting.ts";

let server: Samba;
let connection: StoreConnection;
let connector: Connector;

beforeAll(async () => {
  server = await startSamba();
  connection = connect(server);
  connector = targetOf(connection, server);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

async function user(uid: string): Promise<Member> {
  const { anchor, name } = await done(connector, person(server, uid));
  return { anchor, name };
}

async function group(name: string, members: readonly Member[] = []): Promise<Member> {
  const change = {
    id: 1,
    kind: "members",
    entitlement: undefined,
    name,
    create: { attributes: {} },
  } as const;
  const made = await done(connector, { ...change, add: members, remove: [] });
  return { anchor: made.anchor, name: made.name };
}

/** Changes a group's members by one change. */
async function change({ anchor, name }: Member, add: readonly Member[], remove: readonly Member[] = []) {
  const [outcome] = await apply(connector, {
    id: 1,
    kind: "members",
    entitlement: anchor,
    name,
    add,
    remove,
  });
  return outcome;
}

const members = async ({ anchor }: Member) =>
  (await all(connector.memberships([anchor], call()))).map(({ member }) => member);
const keys = (...some: readonly Member[]) => some.map((one) => connector.memberKey(one));

describe("a group of 50,000", () => {
  it("gains one member by one request, and loses it by another", async () => {
    const [large, one] = [await group("large"), await user("one")];
    await fillGroup(server, large.name, 50_000);
    const send = vi.spyOn(Connection.prototype, "send");
    try {
      expect(await change(large, [one])).toMatchObject({ ok: true });
      const gained = send.mock.calls.filter(([, , { writes }]) => writes);
      expect(gained).toHaveLength(1);
      expect(await change(large, [], [one])).toMatchObject({ ok: true });
      expect(send.mock.calls.filter(([, , { writes }]) => writes)).toHaveLength(2);
    } finally {
      send.mockRestore();
    }
  });

  it("is read whole, and told from one that has one member more", async () => {
    const [large, one] = [await group("larger"), await user("more")];
    await fillGroup(server, large.name, 50_000);
    expect(new Set(await members(large)).size).toBe(50_000);
    await change(large, [one]);
    const now = await members(large);
    expect(now).toHaveLength(50_001);
    expect(now).toContain(keys(one)[0]);
  });
});

it("reads the members that a controller sends in parts", async () => {
  const some = await group("parts");
  await fillGroup(server, some.name, 4_000);
  // Samba sends parts to those alone who ask for them, and Windows always does, 1,500 at a time.
  const asWindows = (name: string) => {
    const part = /^member(?:;range=(\d+)-\*)?$/.exec(name);
    const from = Number(part?.[1] ?? 0);
    return part === null ? name : `member;range=${from}-${from + 1_499}`;
  };
  const { read, close } = await rawReader();
  let reads = 0;
  const inParts: ReadEntry = (dn, attributes) => {
    reads += 1;
    return read(dn, attributes.map(asWindows));
  };
  const asked = ["uSNChanged", "member"];
  const first = await inParts(some.name, asked, call());
  expect(hasParts(first!)).toBe(true);
  const whole = await withAllValues(first!, asked, inParts, call());
  expect(reads).toBe(3);
  expect(new Set(whole.attributes.get("member")!.map(String)).size).toBe(4_000);
  close();
});

/** Reads entries as the server sends them. */
async function rawReader() {
  const secrets: Record<string, string> = { PASSWORD: server.servicePassword, CA: server.ca.text };
  const bind = { dn: server.serviceName, password: { env: "PASSWORD" } };
  const endpoint = { url: server.ldapsUrl, plaintext: "Refused", bind, ca: { env: "CA" } } as const;
  const environment = { secret: async ({ env = "" }) => secrets[env]!, path: (path: string) => path };
  const session = await openSession(endpoint, environment, call());
  const read = async (dn: string, attributes: string[]) => {
    const found: LdapEntry[] = [];
    const filter = everything();
    const request = new SearchRequest({ messageId: 0, baseDN: dn, scope: "base", filter, attributes });
    const purpose = { action: `read ${dn}`, writes: false };
    await session.send(request, call(), purpose, (entry) => found.push(entry));
    return found[0];
  };
  return { read, close: () => session.close() };
}

describe("a primary group", () => {
  it("has the accounts that name it, though it does not list them", async () => {
    const [listed, own] = [await user("listed"), await user("own")];
    const some = await group("primary", [listed, own]);
    await makePrimary(own, some);
    const { member } = (await readEntry(server, some.name))!;
    expect(member).toEqual([listed.name]);
    expect((await members(some)).toSorted()).toEqual(keys(listed, own).toSorted());
  });

  it("is given to them without a change", async () => {
    const [other, own] = [await user("other"), await user("given")];
    const some = await group("given-group", [own]);
    await makePrimary(own, some);
    expect(await change(some, [own, other])).toEqual({ id: 1, ok: true, ...some });
    expect((await members(some)).toSorted()).toEqual(keys(other, own).toSorted());
  });

  it("cannot be taken from them, and the error says what to do; others are taken", async () => {
    const [other, own] = [await user("leaves"), await user("taken")];
    const some = await group("taken-group", [own, other]);
    await makePrimary(own, some);
    const outcome = await change(some, [], [own, other]);
    expect(outcome).toMatchObject({ ok: true });
    const refused = outcome?.ok ? outcome.refused : undefined;
    expect([...refused!.keys()]).toEqual(keys(own));
    expect([...refused!.values()][0]!.message).toMatch(
      /cannot take cn=taken,.* from CN=taken-group,.*: it is its primary group; make another group its primary group first/,
    );
    expect(await members(some)).toEqual(keys(own));
  });

  async function makePrimary(account: Member, some: Member): Promise<void> {
    const token = (await readEntry(server, some.name, { attributes: ["primaryGroupToken"] }))!
      .primaryGroupToken!;
    await asAdmin(server, (client) =>
      client.modify(account.name, modification("replace", "primaryGroupID", ...token)),
    );
  }
});

describe("a group in a group", () => {
  it("is left alone: what is managed is who is in a group directly", async () => {
    const [inner, outer] = [await user("inner"), await user("outer")];
    const nested = await group("nested", [inner]);
    const some = await group("nesting", [outer]);
    await asAdmin(server, (client) => client.modify(some.name, modification("add", "member", nested.name)));
    expect((await members(some)).toSorted()).toEqual([...keys(outer), normaliseName(nested.name)].toSorted());
    expect(await change(some, [inner], [outer])).toMatchObject({ ok: true });
    const { member } = (await readEntry(server, some.name))!;
    expect(member!.toSorted()).toEqual([inner.name, nested.name].toSorted());
  });
});

describe("a group that was renamed, and whose name another took", () => {
  it("is the one that is changed and looked at", async () => {
    const [there, comes] = [await user("there"), await user("comes")];
    const some = await group("renamed", [there]);
    const now = `CN=was renamed,${server.groupsDn}`;
    await asAdmin(server, (client) => client.modifyDN(some.name, now));
    await asAdmin(server, (client) =>
      client.add(some.name, { objectClass: "group", sAMAccountName: "heir", member: comes.name }),
    );
    // One of them is a member already, so that the controller refuses both.
    const outcome = await change(some, [there, comes]);
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome).not.toHaveProperty("refused");
    const { member } = (await readEntry(server, now))!;
    expect(member!.toSorted()).toEqual([comes.name, there.name]);
  });
});

describe("a group with administrative rights", () => {
  it("is protected, whatever it is called", async () => {
    const some = await group("admins");
    await asAdmin(server, (client) => client.modify(some.name, modification("add", "adminCount", "1")));
    const refs = [
      { name: "admins", by: "Name" },
      { name: `CN=Domain Admins,CN=Users,${server.suffix}`, by: "DN" },
    ] as const;
    const found = await connector.entitlements(refs, call());
    for (const one of found) expect(one?.protected).toMatch(/administrative rights/);
  });
});
