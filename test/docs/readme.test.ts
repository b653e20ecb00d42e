import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Attribute, Change, Client } from "ldapts";
import { test } from "vitest";
import { makeFolder } from "../support/folder.ts";
import { type OpenLdap, startOpenLdap } from "../support/openldap.ts";
import { sectionOf } from "./blocks.ts";
import { follow } from "./reader.ts";

const page = (path: string) => readFile(join(import.meta.dirname, "../..", path), "utf8");

test("a newcomer gets through what docs/getting-started.md says", async () => {
  await using folder = await makeFolder("started");
  await follow(await page("docs/getting-started.md"), { folder: folder.path });
});

test("a reader gets through what docs/passwords.md says", async () => {
  await using folder = await makeFolder("passwords");
  await follow(await page("docs/passwords.md"), { folder: folder.path });
});

test("a newcomer gets through the README's ten minutes on an OpenLDAP that has people already", {
  timeout: 600_000,
}, async () => {
  await using folder = await makeFolder("readme");
  await using server = await startOpenLdap({ ldif: peopleLdif });
  await forgetOurRights(server);
  await mkdir(join(folder.path, "identities"));
  await copyFile(server.ca.path, join(folder.path, "identities/directory-ca.crt"));
  await follow(sectionOf(await page("README.md"), "Ten minutes to your own directory"), {
    folder: folder.path,
    own: { "ldap://ldap.example.org": server.url, " -W": ` -w ${server.adminPassword}` },
    environment: { LDAPTLS_CACERT: server.ca.path },
  });
});

/** Takes away what our test server gives to its service account beforehand: the page has to do that. */
async function forgetOurRights(server: OpenLdap): Promise<void> {
  const directory = new Client({ url: server.url });
  await directory.bind(server.adminDn, server.adminPassword);
  await directory.del(server.serviceDn);
  await directory.unbind();
  const config = new Client({ url: server.url });
  await config.bind("cn=admin,cn=config", server.adminPassword);
  const rights = [
    "{0}to attrs=userPassword by self write by anonymous auth by * none",
    "{1}to * by users read by anonymous auth",
  ];
  await config.modify(
    "olcDatabase={1}mdb,cn=config",
    new Change({ operation: "replace", modification: new Attribute({ type: "olcAccess", values: rights }) }),
  );
  await config.unbind();
}

const person = (uid: string, cn: string, sn: string, number: string, department: string) => `
dn: uid=${uid},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${cn}
sn: ${sn}
mail: ${uid}@example.org
employeeNumber: ${number}
departmentNumber: ${department}
`;
const group = (cn: string, ...uids: string[]) => `
dn: cn=${cn},ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: ${cn}
${uids.map((uid) => `member: uid=${uid},ou=people,dc=example,dc=org`).join("\n")}
`;
const peopleLdif = [
  person("ada", "Ada Lovelace", "Lovelace", "1001", "Research"),
  person("charles", "Charles Babbage", "Babbage", "1002", "Workshop"),
  person("mary", "Mary Somerville", "Somerville", "1003", "Research"),
  group("lab", "ada", "mary"),
  group("staff", "ada", "charles", "mary"),
].join("");
