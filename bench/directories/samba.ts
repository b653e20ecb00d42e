import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Samba, startSamba } from "../../test/support/samba.ts";
import type { Person } from "../company.ts";
import { seconds } from "../tool.ts";
import { type Group, hugeGroup, type Subject, type SubjectKind } from "./subject.ts";

/** A controller of a domain. */
export const samba: SubjectKind = {
  start: async () => sambaSubject(await startSamba()),
  async startHuge(members) {
    const server = await startSamba();
    await server.kill();
    const file = join(server.folder, "huge.ldif");
    await writeFile(file, hugeEntries(server, members));
    // Offline and unflushed, which is many times as quick.
    await seconds("ldbadd", ["-H", join(server.folder, "domain/private/sam.ldb"), "--nosync", file]);
    await server.restart();
    return sambaSubject(server);
  },
};

/** Accounts are enabled, and so have a password from the beginning: what `ldapadd` is given has one as long. */
function sambaSubject(server: Samba): Subject {
  const { ldapsUrl, ca, folder, managedDn, peopleDn, groupsDn } = server;
  return {
    ...{ name: "Samba AD", ldapsUrl, ca, folder },
    login: { dn: server.serviceDn, password: server.servicePassword },
    admin: { dn: server.adminDn, password: server.adminPassword },
    policies: (url) => policies(server, url),
    group: (name) => `{ name: "${name}", ensure: true }`,
    entries: (everyone, groups) =>
      [
        ...everyone.map((one) => userEntry(one, peopleDn)),
        ...groups.map((group) => groupEntry(group, peopleDn, groupsDn)),
      ].join("\n"),
    scan: [
      "-b",
      managedDn,
      "(|(&(objectCategory=person)(objectClass=user))(objectClass=group))",
      ...["objectGUID", "uSNChanged", "whenChanged"],
    ],
    touch: (text) => `dn: ${managedDn}\nchangetype: modify\nreplace: description\ndescription: ${text}\n`,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function policies({ serviceName, peopleDn, groupsDn }: Samba, url: string): string[] {
  return [
    `apiVersion: rollcall.dev/v1alpha1
kind: Store
metadata:
  name: domain
spec:
  activeDirectory:
    urls: ["${url}"]
    bind: { name: ${serviceName}, password: { env: LDAP_PASSWORD } }
    ca: { file: ca.crt }
`,
    `apiVersion: rollcall.dev/v1alpha1
kind: Target
metadata:
  name: directory
spec:
  store: { name: domain }
  mode: Enforce
  limits: { settle: 0s, removals: { percent: 100, atMost: 1000000 } }
  accounts:
    when: "identity.userType == 'Employee'"
    name: { expression: "dn('CN', identity.userName, '${peopleDn}')" }
    match: [{ keys: [employeeNumber], strong: true }]
    attributes:
      sAMAccountName: { expression: identity.userName }
      displayName: { expression: "identity.name.givenName + ' ' + identity.name.familyName" }
      sn: { expression: identity.name.familyName }
      givenName: { expression: identity.name.givenName }
      mail: { expression: "primary(identity.emails)" }
      employeeNumber: { expression: identity.employeeNumber }
      department: { expression: identity.department }
      title: { expression: identity.title }
  passwords:
    initial: { length: 20, mustChange: false, deliver: { file: { path: { expression: "'passwords/' + identity.userName" } } } }
  activeDirectory:
    bases: ["${peopleDn}"]
    groups: { base: "${groupsDn}" }
`,
  ];
}

function userEntry(one: Person, peopleDn: string): string {
  const password = Buffer.from('"Passw0rd-Passw0rd-1234"', "utf16le").toString("base64");
  return `dn: CN=${one.id},${peopleDn}
objectClass: user
sAMAccountName: ${one.id}
displayName: ${one.givenName} ${one.familyName}
sn: ${one.familyName}
givenName: ${one.givenName}
mail: ${one.mail}
employeeNumber: ${one.number}
department: ${one.department}
title: ${one.title}
userAccountControl: 512
unicodePwd:: ${password}
`;
}

function groupEntry({ name, members }: Group, peopleDn: string, groupsDn: string): string {
  const dns = members.map(({ id }) => `CN=${id},${peopleDn}`);
  return groupOf(name, dns, groupsDn);
}

/** Members have to exist here. */
function hugeEntries({ groupsDn, disabledDn }: Samba, members: number): string {
  const dns = Array.from({ length: members }, (_, number) => `CN=member ${number},${disabledDn}`);
  return [...dns.map((dn) => `dn: ${dn}\nobjectClass: contact\n`), groupOf(hugeGroup, dns, groupsDn)].join(
    "\n",
  );
}

function groupOf(name: string, members: readonly string[], groupsDn: string): string {
  return `dn: CN=${name},${groupsDn}
objectClass: group
sAMAccountName: ${name}
groupType: -2147483646
${members.map((dn) => `member: ${dn}\n`).join("")}`;
}
