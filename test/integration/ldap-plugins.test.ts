import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dn, person } from "../support/company.ts";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { RealWorld } from "../support/real-stores.ts";
import { tell } from "../support/told.ts";
import type { Manifest } from "../support/world.ts";
import { asAdmin, readEntry, replacement } from "./ldap-setting.ts";

const clean = { failed: [], left: [], withheld: [], findings: [], errors: [] };
const idle = { ...clean, done: [] };

const refint = {
  "cn=referential integrity postoperation,cn=plugins,cn=config": { "referint-membership-attr": "member" },
};

/** Servers that edit entries by themselves: memberOf, references to what was renamed or deleted, object classes. */
const servers = {
  OpenLDAP: () => startOpenLdap(),
  "389 Directory Server": () => startDs389({ settings: refint }),
};

for (const [name, start] of Object.entries(servers))
  describe(`what ${name} edits by itself is seen for what it is`, () => {
    let server: DirectoryServer;
    let folder: Folder;
    let world: RealWorld;

    beforeAll(async () => {
      [server, folder] = [await start(), await makeFolder()];
      world = new RealWorld(folder.path, { PASSWORD: server.servicePassword });
      world.put(...manifests(server));
      world.put(person("ann", { manager: { name: "bob" } }), person("bob"), person("cid"));
    });
    afterAll(async () => {
      await server.stop();
      await folder.remove();
    });

    const nothingToDo = async () => {
      const before = await everything(server);
      expect(tell(await world.apply())).toMatchObject(idle);
      expect(tell(await world.apply({ full: true }))).toMatchObject(idle);
      expect(await everything(server)).toEqual(before);
    };

    test("when accounts come into groups: memberOf and its object class are no drift", async () => {
      expect(tell(await world.apply())).toMatchObject(clean);
      const ann = await readEntry(server, dn("ann"), "memberOf", "objectClass", "manager");
      expect(ann).toMatchObject({ memberOf: [`cn=lab,${server.groupsDn}`], manager: [dn("bob")] });
      await nothingToDo();
    });

    test("when accounts are renamed: references follow, and stay", async () => {
      world.edit("Identity/bob", { userName: "rob" });
      world.edit("Identity/cid", { userName: "sid" });
      // Where the server has set a reference right already, that is a success.
      expect(tell(await world.apply())).toMatchObject(clean);
      await world.apply();
      expect((await readEntry(server, dn("ann"), "manager"))?.manager).toEqual([dn("rob")]);
      expect(await membersOf(server)).toEqual([dn("ann"), dn("rob"), dn("sid")]);
      await nothingToDo();
    });

    test("when somebody else deletes an account: its membership is gone with it, and nobody else's", async () => {
      await asAdmin(server, (client) => client.del(dn("sid")));
      expect(await membersOf(server)).toEqual([dn("ann"), dn("rob")]);
      const told = tell(await world.apply());
      expect(told).toMatchObject({ done: [], failed: [], errors: [] });
      expect(await membersOf(server)).toEqual([dn("ann"), dn("rob")]);
    });

    test("when somebody else takes a member: it is put back, and memberOf with it", async () => {
      const group = `cn=lab,${server.groupsDn}`;
      await asAdmin(server, (client) => client.modify(group, replacement("member", dn("rob"))));
      expect((await readEntry(server, dn("ann"), "memberOf"))?.memberOf).toEqual([]);
      await world.apply();
      expect(await membersOf(server)).toEqual([dn("ann"), dn("rob")]);
      expect((await readEntry(server, dn("ann"), "memberOf"))?.memberOf).toEqual([group]);
      expect(tell(await world.apply({ full: true }))).toMatchObject({ done: [], failed: [], errors: [] });
    });
  });

async function membersOf(server: DirectoryServer): Promise<string[] | undefined> {
  const group = await readEntry(server, `cn=lab,${server.groupsDn}`, "member");
  return group?.member?.filter((member) => member.startsWith("uid=")).sort();
}

/** All entries as they stand there, with what says who wrote them and when. */
function everything(server: DirectoryServer) {
  return asAdmin(server, async (client) => {
    const attributes = ["*", "modifyTimestamp", "modifiersName", "entryCSN", "entryUSN", "memberOf"];
    return (await client.search(server.suffix, { attributes })).searchEntries;
  });
}

function manifests({ url, serviceDn, peopleDn, groupsDn }: DirectoryServer): readonly Manifest[] {
  const bind = { dn: serviceDn, password: { env: "PASSWORD" } };
  return [
    {
      kind: "Store",
      name: "directory",
      spec: { ldap: { url, plaintext: "Allowed", bind }, boundary: { bases: [peopleDn, groupsDn] } },
    },
    {
      kind: "Target",
      name: "people",
      spec: {
        store: { name: "directory" },
        mode: "Enforce",
        accounts: {
          when: "identity.userType == 'Employee'",
          name: { expression: `dn('uid', identity.userName, '${peopleDn}')` },
          match: [{ keys: ["employeeNumber"], strong: true }],
          attributes: {
            objectClass: { values: ["inetOrgPerson"] },
            uid: { expression: "identity.userName" },
            cn: { expression: "identity.userName" },
            sn: { values: ["Person"] },
            employeeNumber: { expression: "identity.employeeNumber" },
            manager: { expression: "accountOf(identity.manager)" },
          },
        },
        ldap: {
          bases: [peopleDn],
          filter: "(objectClass=inetOrgPerson)",
          groups: { base: groupsDn, filler: "cn=nobody,dc=example,dc=org" },
        },
      },
    },
    {
      kind: "AccessProfile",
      name: "lab",
      spec: { target: { name: "people" }, entitlements: [{ name: "lab", ensure: true }] },
    },
    {
      kind: "BusinessRole",
      name: "research",
      spec: { members: { when: "identity.department == 'Research'" }, accessProfiles: [{ name: "lab" }] },
    },
  ];
}
