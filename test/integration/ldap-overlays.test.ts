import { Attribute, Change, Client } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { connect, disposable, done, person, readEntry, refused, targetOf } from "./ldap-setting.ts";

/**
 * OpenLDAP's overlays copy an operation together with its assertion control for what they do on its behalf to other entries, of which the
 * assertion is not true (seen with 2.5.13): memberof then leaves its work undone without a word, unique refuses the change.
 */
describe("with overlays that edit or search other entries", () => {
  let server: DirectoryServer;
  beforeAll(async () => {
    server = await startOpenLdap();
    await configure(server);
  });
  afterAll(() => server.stop());

  const memberOf = async (uid: string) =>
    (await readEntry(server, `uid=${uid},${server.peopleDn}`, "memberOf"))?.memberOf;
  const members = async (name: string) => (await readEntry(server, name, "member"))?.member;

  it("memberOf follows what is granted and revoked, and groups what is renamed and deleted", async () => {
    await using connection = disposable(connect(server));
    const block = { bases: [server.peopleDn], groups: { base: server.groupsDn } };
    const connector = targetOf(connection.it, block);
    const ann = await done(connector, person(server, "ann"));
    const bob = await done(connector, person(server, "bob"));
    const group = `cn=lab,${server.groupsDn}`;
    const staff = { id: 1, kind: "members", name: group, update: [] } as const;
    const create = { ...staff, entitlement: undefined, create: { attributes: {} }, add: [bob], remove: [] };
    const { anchor: entitlement } = await done(connector, create);
    await done(connector, { ...staff, entitlement, add: [ann], remove: [] });
    expect([await memberOf("ann"), await memberOf("bob")]).toEqual([[group], [group]]);
    await done(connector, { ...staff, entitlement, add: [], remove: [bob] });
    expect([await memberOf("ann"), await memberOf("bob")]).toEqual([[group], []]);

    await done(connector, { ...staff, entitlement, add: [bob], remove: [] });
    const rename = `uid=rob,${server.peopleDn}`;
    await done(connector, { ...bob, kind: "modify", attributes: [], rename });
    expect(await members(group)).toEqual([ann.name, rename]);
    await done(connector, { id: 1, kind: "delete", anchor: ann.anchor, name: ann.name });
    expect(await members(group)).toEqual([rename]);
  });

  it("a unique value can be changed, and one that is taken is a Conflict", async () => {
    await using connection = disposable(connect(server));
    const connector = targetOf(connection.it, { bases: [server.peopleDn] }, ["mail"]);
    const cid = await done(connector, person(server, "cid"));
    const dan = await done(connector, person(server, "dan"));
    const mail = (after: string) => [{ name: "mail", before: [], after: [after] }];
    const change = { ...cid, kind: "modify", attributes: mail("cid@example.org") } as const;
    await done(connector, change);
    expect((await readEntry(server, cid.name, "mail"))?.mail).toEqual(["cid@example.org"]);
    const taken = await refused(connector, { ...change, ...dan });
    expect(taken.kind).toBe("Conflict");
    const stale = await refused(connector, {
      ...{ ...change, ...dan, attributes: mail("dan@example.org") },
      expect: "20010101000000.000000Z#000000#000#000000",
    });
    expect(stale.kind).toBe("Moved");
  });
});

/** A unique mail, and memberof alone to keep references. */
async function configure(server: DirectoryServer): Promise<void> {
  const client = new Client({ url: server.url });
  const add = (type: string, ...values: string[]) =>
    new Change({ operation: "add", modification: new Attribute({ type, values }) });
  try {
    await client.bind("cn=admin,cn=config", server.adminPassword);
    await client.modify("cn=module{0},cn=config", add("olcModuleLoad", "unique"));
    await client.add("olcOverlay=unique,olcDatabase={1}mdb,cn=config", {
      objectClass: ["olcOverlayConfig", "olcUniqueConfig"],
      olcOverlay: "unique",
      olcUniqueURI: `ldap:///${server.peopleDn}?mail?sub`,
    });
    const references = new Attribute({ type: "olcRefintAttribute", values: ["manager"] });
    const only = new Change({ operation: "replace", modification: references });
    await client.modify("olcOverlay={1}refint,olcDatabase={1}mdb,cn=config", only);
  } finally {
    await client.unbind();
  }
}
