import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connector, StoreChange, StoreConnection } from "../../src/connectors/contract.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { startFakeLdap } from "../support/fake-ldap.ts";
import { startOpenLdap } from "../support/openldap.ts";
import {
  all,
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

const reader = "cn=reader,dc=example,dc=org";
const people = (count: number) =>
  Array.from(
    { length: count },
    (_, n) => `dn: uid=p${n},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: p${n}
cn: p${n}
sn: p${n}
`,
  ).join("\n");
const ldif = people(20);

const servers = {
  OpenLDAP: {
    start: () => startOpenLdap({ ldif, limits: { [reader]: "size=5" } }),
    schemaWords: /attribute 'shoeSize' not allowed|shoeSize: attribute type undefined/,
    syntaxWords: /invalid per syntax|invalid attribute syntax/,
    toNowhere: ["NotFound", /no such object \(32\).*; create the entry that it is to lie in$/],
  },
  "389 Directory Server": {
    start: () => startDs389({ ldif, settings: { "cn=config": { "nsslapd-sizelimit": "5" } } }),
    schemaWords: /attribute "shoesize" not allowed/,
    syntaxWords: /value #0 invalid per syntax/,
    // It looks for rights before it looks for the entry.
    toNowhere: ["Denied", /insufficient access/i],
  },
};

for (const [name, { start, schemaWords, syntaxWords, toNowhere }] of Object.entries(servers))
  describe(`bad input on ${name}`, () => {
    let server: DirectoryServer;
    let connection: StoreConnection;
    let connector: Connector;

    beforeAll(async () => {
      server = await start();
      connection = connect(server);
      connector = targetOf(connection, { bases: [server.peopleDn], groups: groupsOf(server) }, [
        "description",
      ]);
    });
    afterAll(async () => {
      await connection.close();
      await server.stop();
    });

    const opened = (store: object) =>
      disposable(
        connect(server, storeBlock(server, { plaintext: "Refused", ...store }), {
          CA: server.ca.text,
          OTHER: server.otherCa.text,
          READER: server.readerPassword,
          WRONG: "not the password",
        }),
      );
    const asReader = { bind: { dn: reader, password: { env: "READER" } }, ca: { env: "CA" } };
    const describeAs = (text: string) => [{ name: "description", before: [], after: [text] }];

    it("a CA that did not sign the certificate is named as the cause, with the cure", async () => {
      for (const url of [server.url, server.ldapsUrl]) {
        await using it = opened({ url, ca: { env: "OTHER" } });
        const error = await failure(it.it.fingerprint(call()));
        expect([error.kind, error.message]).toEqual([
          "Unavailable",
          expect.stringMatching(/cannot trust .*set ca to the certificate of the authority/),
        ]);
      }
    });

    it("a name that the certificate does not bear is named as the cause, with the cure", async () => {
      await using elsewhere = await listenElsewhere(Number(new URL(server.ldapsUrl).port));
      await using it = opened({ url: `ldaps://127.0.0.2:${elsewhere.port}`, ca: { env: "CA" } });
      const error = await failure(it.it.fingerprint(call()));
      expect([error.kind, error.message]).toEqual([
        "Unavailable",
        expect.stringMatching(/cannot trust .*put a name into url that the server's certificate carries/),
      ]);
    });

    it("a wrong credential stops the whole store, and says what to correct", async () => {
      await using it = opened({ ca: { env: "CA" }, bind: { dn: reader, password: { env: "WRONG" } } });
      const error = await failure(targetOf(it.it, {}).check(call()));
      expect(error.kind).toBe("Unauthenticated");
      expect(error.message).toMatch(/cannot bind as cn=reader.*invalid credentials \(49\).*correct bind.dn/);
    });

    it("a missing right denies one change, and says which and what to do", async () => {
      await using it = opened(asReader);
      const error = await refused(targetOf(it.it, { bases: [server.peopleDn] }), person(server, "new"));
      expect(error.kind).toBe("Denied");
      expect(error.message).toMatch(/cannot add uid=new.*insufficient access.*give the bind DN the right/);
    });

    it("a size limit is an error with its cure, never a short list", async () => {
      await using it = opened(asReader);
      const limited = targetOf(it.it, { bases: [server.peopleDn] });
      const error = await failure(all(limited.scan("accounts", call())));
      expect(error.kind).toBe("Unavailable");
      expect(error.message).toMatch(
        /(size|administrative) limit exceeded \(\d+\).*raise the limits of the bind DN/,
      );
      expect(await all(connector.scan("accounts", call()))).toHaveLength(20);
    });

    it("a value that the schema refuses is Invalid in the server's words, and nothing of its change is made", async () => {
      const { anchor, name } = await done(connector, person(server, "schema"));
      const change = { id: 1, kind: "modify", anchor, name } as const;
      for (const [attribute, value, words] of [
        ["shoeSize", "44", schemaWords],
        ["manager", "nobody in particular", syntaxWords],
      ] as const) {
        const bad = { name: attribute, before: [], after: [value] };
        const error = await refused(connector, { ...change, attributes: [...describeAs("x"), bad] });
        expect(error.kind).toBe("Invalid");
        expect(error.message).toMatch(words);
        expect((await readEntry(server, name, "description"))?.description).toEqual([]);
      }
    });

    it("what the server is unwilling to do is Invalid, in its words", async () => {
      const { anchor, name } = await done(connector, person(server, "parent"));
      await asAdmin(server, (client) =>
        client.add(`cn=child,${name}`, { objectClass: "device", cn: "child" }),
      );
      const error = await refused(connector, { id: 1, kind: "delete", anchor, name });
      expect([error.kind, error.message]).toEqual([
        "Invalid",
        expect.stringMatching(/not allowed on non-leaf \(66\).*remove the entries below it first/),
      ]);
      await asAdmin(server, (client) => client.del(`cn=child,${name}`));
    });

    it("an entry that was moved away is Moved, and says where to, whatever was to be done", async () => {
      const { anchor, name } = await done(connector, person(server, "mover"));
      const away = `uid=moved,${server.peopleDn}`;
      await asAdmin(server, (client) => client.modifyDN(name, away));
      const attributes = describeAs("ours");
      for (const change of existing(anchor, name, attributes)) {
        const error = await refused(connector, change);
        expect([error.kind, error.message]).toEqual(["Moved", expect.stringContaining(`called ${away} now`)]);
      }
      expect((await readEntry(server, away, "description"))?.description).toEqual([]);
    });

    it("a move to where there is nothing says what to create, and not that the entry was moved", async () => {
      const { anchor, name } = await done(connector, person(server, "settler"));
      const rename = `uid=settler,ou=nowhere,${server.peopleDn}`;
      const change = { id: 1, kind: "modify", anchor, name, attributes: [], rename } as const;
      const error = await refused(connector, change);
      expect(error.kind).toBe(toNowhere[0]);
      expect(error.message).toMatch(toNowhere[1]!);
    });

    it("another entry that took the name is not touched", async () => {
      const { anchor, name } = await done(connector, person(server, "heir"));
      await asAdmin(server, async (client) => {
        await client.modifyDN(name, `uid=elder,${server.peopleDn}`);
        await client.add(name, { objectClass: "inetOrgPerson", uid: "heir", cn: "other", sn: "other" });
      });
      for (const change of existing(anchor, name, describeAs("ours")))
        expect((await refused(connector, change)).kind).toBe("Moved");
      expect(await readEntry(server, name, "cn", "description")).toMatchObject({
        cn: ["other"],
        description: [],
      });
    });

    it("a group whose name another took is not touched", async () => {
      const { name } = await done(connector, person(server, "member"));
      const group = `cn=swapped,${server.groupsDn}`;
      const add = () =>
        asAdmin(server, (client) =>
          client.add(group, { objectClass: "groupOfNames", cn: "swapped", member: reader }),
        );
      await add();
      const [record] = await connector.entitlements([{ name: "swapped", by: "Name" }], call());
      await asAdmin(server, (client) => client.del(group));
      await add();
      const change = {
        ...{ id: 1, kind: "members", entitlement: record!.anchor, name: group },
        ...{ add: [{ anchor: "a", name }], remove: [] },
      } as StoreChange;
      expect((await refused(connector, change)).kind).toBe("Moved");
      expect((await readEntry(server, group, "member"))?.member).toEqual([reader]);
    });
  });

/** The same server at an address that its certificate does not bear. */
async function listenElsewhere(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTcp(port, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.2");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

/** All that can be done to an account that is there. */
function existing(
  anchor: string,
  name: string,
  attributes: Extract<StoreChange, { kind: "modify" }>["attributes"],
) {
  const rename = name.replace("uid=", "uid=x");
  return [
    { id: 1, kind: "modify", anchor, name, attributes },
    { id: 1, kind: "modify", anchor, name, attributes: [], rename },
    { id: 1, kind: "delete", anchor, name },
  ] satisfies StoreChange[];
}

describe("389 Directory Server", () => {
  it("that may not look through all candidates is an error with its cure, never a short list", async () => {
    const limit = { "nsslapd-lookthroughlimit": "10" };
    const database = "cn=config,cn=ldbm database,cn=plugins,cn=config";
    await using server = await startDs389({ ldif, settings: { [database]: limit } });
    const bind = { dn: reader, password: { env: "READER" } };
    const store = storeBlock(server, { bind });
    await using connection = disposable(connect(server, store, { READER: server.readerPassword }));
    const connector = targetOf(connection.it, { bases: [server.peopleDn] });
    const error = await failure(all(connector.scan("accounts", call())));
    expect(error.kind).toBe("Unavailable");
    expect(error.message).toMatch(/administrative limit exceeded \(11\).*raise the limits of the bind DN/);
    await using service = disposable(connect(server));
    const unlimited = targetOf(service.it, { bases: [server.peopleDn] });
    expect(await all(unlimited.scan("accounts", call()))).toHaveLength(20);
  });

  it("that lets uids be ASCII alone says so", async () => {
    const check = { "nsslapd-pluginEnabled": "on" };
    await using server = await startDs389({ settings: { "cn=7-bit check,cn=plugins,cn=config": check } });
    await using connection = disposable(connect(server));
    const error = await refused(targetOf(connection.it, {}), person(server, "zoë"));
    expect(error.kind).toBe("Invalid");
    expect(error.message).toMatch(/7-bit/);
  });

  it("adds one member to a group of 50,000 by one small change, and takes it again", async () => {
    const members = Array.from({ length: 50_000 }, (_, n) => `member: uid=m${n},ou=people,dc=example,dc=org`);
    const group = "cn=everyone,ou=groups,dc=example,dc=org";
    const huge = `dn: ${group}\nobjectClass: groupOfNames\ncn: everyone\n${members.join("\n")}\n`;
    await using server = await startDs389({ ldif: `${ldif}\n${huge}` });
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn], groups: groupsOf(server) });
    const [record] = await connector.entitlements([{ name: group, by: "DN" }], call());
    const [newcomer] = (
      await connector.find([{ keys: {}, name: `uid=p1,${server.peopleDn}` }], call())
    ).flat();
    const change = { id: 1, kind: "members", entitlement: record!.anchor, name: group } as const;
    const count = async () => (await all(connector.memberships([record!.anchor], call()))).length;
    const before = await modifications(server);
    await done(connector, { ...change, add: [newcomer!], remove: [] });
    expect(await count()).toBe(50_001);
    await done(connector, { ...change, add: [], remove: [newcomer!] });
    expect(await count()).toBe(50_000);
    expect((await modifications(server)) - before).toBe(2);
  });
});

/** How many modify operations the server has answered. */
function modifications(server: DirectoryServer): Promise<number> {
  return asAdmin(server, async (client) => {
    const { searchEntries } = await client.search("cn=snmp,cn=monitor", { scope: "base" });
    return Number(searchEntries[0]?.modifyentryops);
  });
}

const groupsOf = (server: DirectoryServer) => ({
  base: server.groupsDn,
  filler: "cn=nobody,dc=example,dc=org",
});

describe("what a server answers when it cannot", () => {
  const search = 0x63;
  it.each([
    [3, "Unavailable", "time limit exceeded (3)"],
    [11, "Unavailable", "administrative limit exceeded (11)"],
    [51, "Retryable", "busy (51)"],
    [52, "Unavailable", "unavailable (52)"],
    [53, "Invalid", "unwilling to perform (53)"],
  ] as const)("code %i to a search is %s, and no list", async (code, kind, words) => {
    await using server = await startFakeLdap(({ operation, name, time }, reply) => {
      if (operation !== search || !name.startsWith("ou=people")) return false;
      // One page is served, and the next is not.
      reply.entry(`uid=u${time},${name}`, { entryUUID: [`u${time}`], entryCSN: ["c"] });
      if (time === 0) reply.done(0, "", "more");
      else reply.done(code, "as the server puts it");
      return true;
    });
    await using connection = disposable(connectFake(server.url));
    const connector = targetOf(connection.it, { bases: ["ou=people,dc=example,dc=org"] });
    const error = await failure(all(connector.scan("accounts", call())));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(`${words}: as the server puts it`);
  });

  it.each([
    [3, "Unavailable"],
    [51, "Retryable"],
    [52, "Unavailable"],
    [53, "Invalid"],
  ] as const)("code %i to a change is %s of that change alone", async (code, kind) => {
    await using server = await startFakeLdap(({ operation, name }, reply) => {
      if (operation !== 0x68 || !name.startsWith("uid=bad")) return false;
      reply.done(code, "as the server puts it");
      return true;
    });
    await using connection = disposable(connectFake(server.url));
    const connector = targetOf(connection.it, { bases: ["ou=people,dc=example,dc=org"] });
    const creations = ["good", "bad"].map((uid, id) => ({
      ...{ id, kind: "create", name: `uid=${uid},ou=people,dc=example,dc=org`, enabled: true },
      attributes: { objectClass: ["inetOrgPerson"] },
    })) as StoreChange[];
    const outcomes = await Array.fromAsync(connector.apply(creations, call()));
    const errors = outcomes.flatMap((one) => (one.ok ? [] : [[one.id, one.error.kind, one.error.message]]));
    expect(errors).toContainEqual([1, kind, expect.stringContaining("as the server puts it")]);
  });
});

function connectFake(url: string): StoreConnection {
  const server = { url, serviceDn: "cn=service", servicePassword: "x" } as DirectoryServer;
  return connect(server);
}
