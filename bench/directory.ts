import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Client } from "ldapts";
import { type OpenLdap, startOpenLdap } from "../test/support/openldap.ts";
import { openLdapAccounts } from "../test/support/openldap-ldif.ts";
import { type Person, person } from "./company.ts";
import { seconds } from "./tool.ts";

type Place = Pick<OpenLdap, "url" | "serviceDn" | "peopleDn" | "groupsDn" | "adminDn">;

/** The Store and the Target of the benchmarks' directories; where nothing is said its password is in the environment, as `LDAP_PASSWORD`. */
export function directoryPolicies(
  { url, serviceDn, peopleDn, groupsDn, adminDn }: Place,
  transactions: "Auto" | "Never" = "Never",
  password = "{ env: LDAP_PASSWORD }",
  tls = "plaintext: Allowed",
): string[] {
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: Store
metadata:
  name: openldap
spec:
  ldap:
    url: ${url}
    ${tls}
    transactions: ${transactions}
    bind:
      dn: "${serviceDn}"
      password: ${password}
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: Target
metadata:
  name: directory
spec:
  store:
    name: openldap
  mode: Enforce
  limits: { settle: 0s, removals: { percent: 100, atMost: 1000000 } }
  accounts:
    when: "identity.userType == 'Employee'"
    name:
      expression: "dn('uid', identity.userName, '${peopleDn}')"
    match:
      - keys: [employeeNumber]
        strong: true
    attributes:
      objectClass:
        values: [inetOrgPerson]
        apply: OnCreate
      uid:
        expression: "identity.userName"
      cn:
        expression: "identity.name.givenName + ' ' + identity.name.familyName"
      sn:
        expression: "identity.name.familyName"
      givenName:
        expression: "identity.name.givenName"
      mail:
        expression: "primary(identity.emails)"
      employeeNumber:
        expression: "identity.employeeNumber"
      departmentNumber:
        expression: "identity.department"
      title:
        expression: "identity.title"
  ldap:
    bases: ["${peopleDn}"]
    groups:
      base: "${groupsDn}"
      filler: "${adminDn}"
`,
  ];
}

/** Groups with nobody in them, to start a server with. */
export function emptyGroups(names: readonly string[]): string {
  const { groupsDn, adminDn } = openLdapAccounts;
  return names
    .map((name) => `dn: cn=${name},${groupsDn}\nobjectClass: groupOfNames\ncn: ${name}\nmember: ${adminDn}\n`)
    .join("\n");
}

/** The entries that Rollcall makes of these people, for `ldapadd`. */
async function writeLdif(path: string, everyone: readonly Person[], peopleDn: string): Promise<void> {
  const file = createWriteStream(path);
  for (const one of everyone) if (!file.write(`${personEntry(one, peopleDn)}\n`)) await once(file, "drain");
  file.end();
  await once(file, "finish");
}

export function personEntry(one: Person, peopleDn: string): string {
  return `dn: uid=${one.id},${peopleDn}
objectClass: inetOrgPerson
uid: ${one.id}
cn: ${one.givenName} ${one.familyName}
sn: ${one.familyName}
givenName: ${one.givenName}
mail: ${one.mail}
employeeNumber: ${one.number}
departmentNumber: ${one.department}
title: ${one.title}
`;
}

/** Seconds that `ldapadd` needs for the same entries, into a server of its own. */
export async function timeLdapAdd(everyone: readonly Person[], fsync: boolean): Promise<number> {
  await using server = await startOpenLdap({ fsync });
  const file = join(server.folder, "people.ldif");
  await writeLdif(file, everyone, server.peopleDn);
  return await seconds("ldapadd", [...login(server), "-f", file]);
}

/** Seconds that `ldapsearch` needs for what a scan reads. */
export function timeLdapSearch(server: OpenLdap): Promise<number> {
  const query = ["-LLL", "-b", server.peopleDn, "(objectClass=person)", "entryUUID", "entryCSN"];
  return seconds("ldapsearch", [...login(server), ...query]);
}

/** Somebody else writes to an entry that is nobody's account. */
export async function touchOutside(server: OpenLdap, text: string): Promise<void> {
  const change = `dn: ${server.peopleDn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`;
  await seconds("ldapmodify", login(server), change);
}

function login({ url, serviceDn, servicePassword }: OpenLdap): string[] {
  return ["-x", "-H", url, "-D", serviceDn, "-w", servicePassword];
}

/** What the server counted of its own operations (slapd-monitor(5)). */
export interface Operations {
  readonly modifies: number;
  readonly searches: number;
}

/** Adds the monitor database to a server that runs, and reads it. */
export async function serverOperations(server: OpenLdap): Promise<() => Promise<Operations>> {
  const admin = "cn=admin,cn=config";
  const client = new Client({ url: server.url });
  await client.bind(admin, server.adminPassword);
  await client.add("olcDatabase={2}monitor,cn=config", {
    objectClass: ["olcDatabaseConfig", "olcMonitorConfig"],
    olcDatabase: ["{2}monitor"],
    olcAccess: [`to * by dn.exact="${admin}" read`],
  });
  const completed = async (operation: string) => {
    const base = `cn=${operation},cn=Operations,cn=Monitor`;
    const { searchEntries } = await client.search(base, {
      scope: "base",
      attributes: ["monitorOpCompleted"],
    });
    return Number(searchEntries[0]?.monitorOpCompleted);
  };
  return async () => ({ modifies: await completed("Modify"), searches: await completed("Search") });
}

export async function attributeOf(server: OpenLdap, index: number, name: string): Promise<string> {
  const client = new Client({ url: server.url });
  await client.bind(server.serviceDn, server.servicePassword);
  const dn = `uid=${person(index).id},${server.peopleDn}`;
  const { searchEntries } = await client.search(dn, { scope: "base", attributes: [name] });
  await client.unbind();
  return String(searchEntries[0]?.[name]);
}
