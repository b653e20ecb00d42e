import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "ldapts";
import { expect, it } from "vitest";
import type { DirectoryServer } from "../support/directory-server.ts";
import { startDs389 } from "../support/ds389.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { giveToServers } from "../support/server-process.ts";
import { all, asAdmin, call, connect, disposable, done, person, targetOf } from "./ldap-setting.ts";

/** A part of the directory that lies in a database of its own. */
const annex = "ou=annex,dc=example,dc=org";

it("389 Directory Server's databases below a suffix move the marker, too", async () => {
  await using server = await startDs389();
  await asAdmin(server, async (client) => {
    await client.add("cn=annex,cn=ldbm database,cn=plugins,cn=config", {
      ...{ objectClass: ["extensibleObject", "nsBackendInstance"], cn: "annex" },
      ...{ "nsslapd-suffix": annex, "nsslapd-directory": join(server.folder, "data", "annex") },
    });
    await client.add(`cn="${annex}",cn=mapping tree,cn=config`, {
      ...{ objectClass: ["extensibleObject", "nsMappingTree"], cn: `"${annex}"` },
      ...{ "nsslapd-state": "backend", "nsslapd-backend": "annex", "nsslapd-parent-suffix": server.suffix },
    });
    await client.add(annex, { objectClass: "organizationalUnit", ou: "annex", aci: rights(server) });
  });
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [annex] });
  const markers = [await connector.marker?.(call())];
  await done(connector, person({ ...server, peopleDn: annex }, "ada"));
  markers.push(await connector.marker?.(call()), await connector.marker?.(call()));
  expect(markers[1]).not.toBe(markers[0]);
  expect(markers[2]).toBe(markers[1]);
});

it("accounts in OpenLDAP's database inside another one's suffix are found by their ids, too", async () => {
  await using server = await startOpenLdap();
  await insertDatabase(server);
  await using connection = disposable(connect(server));
  const connector = targetOf(connection.it, { bases: [annex], groups: { base: server.groupsDn } });
  const { anchor, name } = await done(connector, person({ ...server, peopleDn: annex }, "ada"));
  expect((await all(connector.scan("accounts", call()))).map((one) => one.anchor)).toEqual([anchor]);
  expect(await connector.fetch([anchor], call())).toMatchObject([{ anchor, name }]);
});

const rights = ({ serviceDn }: DirectoryServer) =>
  `(targetattr="*")(version 3.0; acl "annex"; allow (all) userdn="ldap:///${serviceDn}";)`;

/** Before the other one, so that it is asked first. */
async function insertDatabase({ url, folder, serviceDn, adminPassword }: DirectoryServer): Promise<void> {
  const olcDbDirectory = join(folder, "annex");
  await mkdir(olcDbDirectory);
  await giveToServers(olcDbDirectory);
  const client = new Client({ url });
  try {
    await client.bind("cn=admin,cn=config", adminPassword);
    await client.add("olcDatabase={1}mdb,cn=config", {
      ...{ objectClass: ["olcDatabaseConfig", "olcMdbConfig"], olcDatabase: "{1}mdb" },
      ...{ olcSuffix: annex, olcDbDirectory, olcDbMaxSize: "10485760" },
      ...{ olcRootDN: `cn=root,${annex}`, olcRootPW: adminPassword },
      olcAccess: `to * by dn.exact="${serviceDn}" manage by * none`,
    });
    await client.bind(`cn=root,${annex}`, adminPassword);
    await client.add(annex, { objectClass: "organizationalUnit", ou: "annex" });
  } finally {
    await client.unbind();
  }
}
