import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Connector } from "../../src/connectors/contract.ts";
import { escapeNameValue, foldText } from "../../src/core/model/distinguished-name.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { all, asAdmin, call, connect, disposable, done, targetOf } from "./ldap-setting.ts";

let server: OpenLdap;

beforeAll(async () => {
  server = await startOpenLdap();
});
afterAll(() => server.stop());

/** Texts of what names trip over: specials of RFC 4514 and RFC 4515, edge spaces, escapes, letters of several bytes. */
const oddText = fc
  .array(
    fc.constantFrom(
      ",",
      "+",
      '"',
      "\\",
      "<",
      ">",
      ";",
      "=",
      "#",
      "*",
      "(",
      ")",
      "/",
      "\\2c",
      " ",
      "a",
      "B",
      "é",
      "ß",
      "漢",
      "😀",
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(""))
  .filter((text) => foldText(text) !== "");

it("any name is created, found, renamed, granted, revoked, moved and deleted", async () => {
  const away = `ou=away,${server.suffix}`;
  await asAdmin(server, (client) => client.add(away, { objectClass: "organizationalUnit", ou: "away" }));
  await using connection = disposable(connect(server));
  const block = { bases: [server.peopleDn, away], groups: { base: server.groupsDn, filler: server.adminDn } };
  const connector = targetOf(connection.it, block, ["cn", "title"]);
  await fc.assert(
    fc.asyncProperty(oddText, oddText, async (first, second) => {
      const from = `cn=${escapeNameValue(first)},${server.peopleDn}`;
      const to = `cn=${escapeNameValue(second)},${away}`;
      const attributes = { objectClass: ["inetOrgPerson"], sn: [first], title: [first] };
      const { anchor, name } = await done(connector, {
        id: 1,
        kind: "create",
        name: from,
        attributes,
        enabled: true,
      });
      const [byName, byKey] = await connector.find(
        [{ keys: {}, name: from }, { keys: { cn: first } }],
        call(),
      );
      expect([byName![0]?.anchor, byKey![0]?.anchor]).toEqual([anchor, anchor]);
      await done(connector, { id: 1, kind: "modify", anchor, name, attributes: [], rename: to });
      const [moved] = await connector.fetch([anchor], call());
      expect(connector.memberKey(moved!)).toBe(connector.memberKey({ anchor, name: to }));
      expect(moved!.attributes.cn).toEqual([second]);
      await membership(connector, `cn=${escapeNameValue(first)},${server.groupsDn}`, moved!);
      await done(connector, { id: 1, kind: "delete", anchor, name: moved!.name });
      expect(await connector.fetch([anchor], call())).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

async function membership(
  connector: Connector,
  group: string,
  account: { readonly anchor: string; readonly name: string },
) {
  const change = { id: 1, kind: "members", name: group, add: [account], remove: [] } as const;
  const create = { attributes: { objectClass: ["groupOfNames"] } };
  const { anchor } = await done(connector, { ...change, entitlement: undefined, create });
  const members = await all(connector.memberships([anchor], call()));
  expect(members).toEqual([{ entitlement: anchor, member: connector.memberKey(account) }]);
  await done(connector, { ...change, entitlement: anchor, add: [], remove: [account] });
  expect(await all(connector.memberships([anchor], call()))).toEqual([]);
  await asAdmin(server, (client) => client.del(group));
}

it("a rename keeps the old naming value where it is wanted still, or is another attribute's", async () => {
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["cn", "uid"]);
  const attributes = { objectClass: ["inetOrgPerson"], uid: ["ada"], cn: ["Ada"], sn: ["L"] };
  const name = `uid=ada,${server.peopleDn}`;
  const { anchor } = await done(connector, { id: 1, kind: "create", name, attributes, enabled: true });
  const rename = async (
    from: string,
    to: string,
    deltas: { name: string; before: string[]; after: string[] }[] = [],
  ) => {
    await done(connector, { id: 1, kind: "modify", anchor, name: from, rename: to, attributes: deltas });
    return (await connector.fetch([anchor], call()))[0]?.attributes;
  };
  const byCn = `cn=Ada,${server.peopleDn}`;
  expect(await rename(name, byCn)).toEqual({ uid: ["ada"], cn: ["Ada"] });
  const countess = `cn=Countess,${server.peopleDn}`;
  const both = [{ name: "cn", before: ["Ada"], after: ["Ada", "Countess"] }];
  expect((await rename(byCn, countess, both))?.cn?.toSorted()).toEqual(["Ada", "Countess"]);
  const last = [{ name: "cn", before: ["Ada", "Countess"], after: ["Lady"] }];
  expect(await rename(countess, `cn=Lady,${server.peopleDn}`, last)).toEqual({ uid: ["ada"], cn: ["Lady"] });
});

it("a rename of the spelling alone is made", async () => {
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [server.peopleDn] });
  const attributes = { objectClass: ["inetOrgPerson"], cn: ["x"], sn: ["x"] };
  const name = `uid=case,${server.peopleDn}`;
  const { anchor } = await done(connector, { id: 1, kind: "create", name, attributes, enabled: true });
  const rename = `uid=Case,${server.peopleDn}`;
  await done(connector, { id: 1, kind: "modify", anchor, name, rename, attributes: [] });
  expect((await connector.fetch([anchor], call()))[0]?.name).toBe(rename);
});
