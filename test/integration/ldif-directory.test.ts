import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Call, Connector, StoreChange } from "../../src/connectors/contract.ts";
import { ldapConnector } from "../../src/connectors/ldap/ldap.ts";
import { ldifConnector } from "../../src/connectors/ldif/ldif.ts";
import { escapeNameValue, normaliseName } from "../../src/core/model/distinguished-name.ts";
import { type Folder, makeFolder } from "../support/folder.ts";
import { ldapmodify } from "../support/ldapmodify.ts";
import { startOpenLdap } from "../support/openldap.ts";
import { openLdapAccounts } from "../support/openldap-ldif.ts";

/** A file beside the directory that it was exported from, or is loaded into: both connectors do and see the same. */

const run = promisify(execFile);
const call: Call = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY };
const { peopleDn, groupsDn, adminDn, adminPassword } = openLdapAccounts;
const attributes = ["objectClass", "uid", "cn", "sn", "description", "telephoneNumber", "audio"];
const [left, lab] = [`ou=left,${peopleDn}`, `cn=lab,${groupsDn}`];
const containers = [peopleDn, groupsDn, left].map(
  (dn) => `dn: ${dn}\nobjectClass: organizationalUnit\nou: ${/^ou=([^,]*)/.exec(dn)![1]}\n\n`,
);

let folder: Folder;
beforeAll(async () => {
  folder = await makeFolder("ldif");
});
afterAll(() => folder?.remove());

const dnOf = (step: string) => `${step},${peopleDn}`;
const file = () => join(folder.path, "directory.ldif");

function inFile(): Connector {
  const store = ldifConnector.storeSchema.parse({ file: file() });
  const connection = ldifConnector.connect(store, { path: (path) => path, secret: async () => "" });
  return connection.target({ block: ldifConnector.targetSchema.parse(target("inetOrgPerson")), attributes });
}

function inDirectory({ url }: { readonly url: string }): Connector {
  const bind = { dn: adminDn, password: { env: "PASSWORD" } };
  const store = ldapConnector.storeSchema.parse({ url, plaintext: "Allowed", bind });
  const connection = ldapConnector.connect(store, {
    path: (path) => path,
    secret: async () => adminPassword,
  });
  const { objectClass, id: _, ...block } = target("inetOrgPerson");
  const all = { ...block, filter: `(objectClass=${objectClass})` };
  return connection.target({ block: ldapConnector.targetSchema.parse(all), attributes });
}

function target(objectClass: string) {
  return {
    bases: [peopleDn],
    objectClass,
    id: "entryUUID",
    disable: { attribute: { name: "employeeType", disabled: "Gone" } },
    groups: { base: groupsDn, filler: adminDn },
  };
}

/** All accounts by name, without what each store gives by itself, and who is in the group. */
async function seen(connector: Connector) {
  const sightings = (await Array.fromAsync(connector.scan("accounts", call))).flat();
  const records = await connector.fetch(
    sightings.map(({ anchor }) => anchor),
    call,
  );
  const [group] = await connector.entitlements([{ name: lab, by: "DN" }], call);
  const members = await Array.fromAsync(connector.memberships(group ? [group.anchor] : [], call));
  const accounts = records.map(({ name, enabled, attributes: values }) => {
    const sorted = Object.entries(values).map(([attribute, own]) => [attribute, [...own].sort()]);
    return { name: normaliseName(name), enabled, values: Object.fromEntries(sorted) };
  });
  return {
    accounts: accounts.sort((a, b) => (a.name < b.name ? -1 : 1)),
    members: members.flatMap((page) => page.map(({ member }) => member)).sort(),
  };
}

test("change records make of a file what ldapmodify makes of the directory", async () => {
  await using server = await startOpenLdap();
  const login = { url: server.url, dn: adminDn, password: adminPassword };
  const [ann, bob, eve] = ["uid=ann", "uid=bob", "uid=eve"].map(dnOf) as [string, string, string];
  const people = [ann, bob, eve].map(
    (dn) => `dn: ${dn}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: x\nsn: x\ntelephoneNumber: 0\n\n`,
  );
  await ldapmodify(
    login,
    `dn: ${left}\nchangetype: add\nobjectClass: organizationalUnit\n\n${people.join("")}`,
  );
  const words = ["-x", "-LLL", "-H", server.url, "-D", adminDn, "-w", adminPassword, "-b", peopleDn];
  const { stdout: content } = await run("ldapsearch", [...words, "(objectClass=*)", "*", "entryUUID"]);
  const changes = `dn: ${ann}
changetype: modify
add: telephoneNumber
telephoneNumber: 1
telephoneNumber: 2
-
replace: description
description:: ${Buffer.from(" ü\n").toString("base64")}
-
add: audio
audio:: /wA=
-

dn: ${ann}
changetype: modify
delete: telephoneNumber
telephoneNumber: 1
-
replace: sn
sn: King
sn: Byron
-

dn: ${ann.toUpperCase()}
changetype: modrdn
newrdn: uid=ann king
deleteoldrdn: 0

dn: ${bob}
changetype: moddn
newrdn: cn=Bob\\, the 2nd
deleteoldrdn: 1
newsuperior: ${left}

dn: ${eve}
changetype: delete

`;
  const added = `dn: uid=new,${left}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: new\nsn: new\n`;
  await writeFile(file(), `${content}${changes}${added}entryUUID: 1\n`);
  await ldapmodify(login, changes + added);
  const found = await seen(inFile());
  expect(found).toEqual(await seen(inDirectory(server)));
  expect(found.accounts.map(({ name }) => name)).toEqual([
    `cn=bob\\, the 2nd,${left}`,
    dnOf("uid=ann king"),
    `uid=new,${left}`,
  ]);
});

test("both connectors do the same by the same changes, and a directory takes the file", async () => {
  await using first = await startOpenLdap({ ldif: containers[2]! });
  await using second = await startOpenLdap();
  await writeFile(file(), `version: 1\n\n${containers.join("")}`);
  for (const connector of [inFile(), inDirectory(first)]) await work(connector);
  const found = await seen(inFile());
  expect(found.accounts.length).toBe(odd.length);
  expect(found).toEqual(await seen(inDirectory(first)));

  // The directory has these containers already; it takes an entryUUID only from whom it lets relax its rules.
  const loaded = join(folder.path, "loaded.ldif");
  const text = await readFile(file(), "utf8");
  await writeFile(loaded, text.replace(containers[0]! + containers[1]!, ""));
  const login = ["-x", "-H", second.url, "-D", adminDn, "-w", adminPassword];
  await run("ldapadd", [...login, "-e", "relax", "-f", loaded]);
  expect(await seen(inDirectory(second))).toEqual(found);
});

const odd = ["Love, Ada", "#a", " b ", 'c"d', "e+f", "g\\h", "zoë 漢字", "x".repeat(60), "ada"];

/** Creates, changes, disables, renames, deletes; makes a group, and takes out of it. */
async function work(connector: Connector): Promise<void> {
  const names = odd.map((name) => dnOf(`uid=${escapeNameValue(name)}`));
  const accounts = await done(
    connector,
    [...names, dnOf("uid=gone")].map((name, id) => ({
      ...{ id, kind: "create", name, enabled: id % 2 === 0 },
      attributes: { objectClass: ["inetOrgPerson"], cn: ["x"], sn: [`${id}`], telephoneNumber: ["1", "2"] },
    })),
  );
  const [create, add] = [{ attributes: {} }, accounts];
  const [group] = await done(connector, [
    { id: 0, kind: "members", entitlement: undefined, name: "lab", create, add, remove: [] },
  ]);
  await done(connector, [
    ...accounts.slice(0, -1).map(
      (account, id): StoreChange => ({
        ...{ id, kind: "modify", ...account, enabled: id % 3 === 0 },
        attributes: [
          { name: "telephoneNumber", before: ["1", "2"], after: ["2", "3"] },
          { name: "description", before: [], after: [odd[id]!] },
          { name: "audio", before: [], after: ["/wA="] },
        ],
        ...(id % 4 === 0 && { rename: `cn=renamed ${id},${left}` }),
      }),
    ),
    { id: 100, kind: "delete", ...accounts.at(-1)! },
  ]);
  const remove = [accounts[1]!];
  await done(connector, [{ id: 0, kind: "members", entitlement: group!.anchor, name: lab, add: [], remove }]);
}

async function done(connector: Connector, changes: readonly StoreChange[]) {
  const outcomes = (await Array.fromAsync(connector.apply(changes, call))).sort((a, b) => a.id - b.id);
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return { anchor: outcome.anchor, name: outcome.name };
  });
}
